using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>The records of sigmoid belief nets in model files, and their entries in the table of families.</summary>
internal static class SigmoidBeliefNetFile
{
    /// <summary>The tool's name of nets with one layer of latents.</summary>
    public const string Shallow = "sbn";

    /// <summary>The tool's name of nets with several.</summary>
    public const string Deep = "deep-sbn";

    private const int Version = 1;

    /// <summary>Largest size of a parameter in a file: far beyond any logit of use, far from overflow.</summary>
    private const double MaxParameter = 1e6;

    /// <summary>The entry of shallow nets in the table of families.</summary>
    public static ModelFamily ShallowEntry { get; } =
        new(Shallow, "Sigmoid belief net: binary latents, columns of 0 and 1", s => Trainer(s, Shallow), Read);

    /// <summary>The entry of deep nets in the table of families.</summary>
    public static ModelFamily DeepEntry { get; } =
        new(Deep, "Deep sigmoid belief net: --latents nearest to the data, --hidden the deeper layers (default: one of half the size)", s => Trainer(s, Deep), Read);

    public static ModelRecord Write(SigmoidBeliefNetModel model)
    {
        ModelRecord record = new(model.Family, Version);
        ModelHeaderFile.Write(record, model.Header);
        record.Set("layers", model.Net.Sizes);
        record.Set("exact", model.IsExact);
        record.Set("states", model.States);
        WriteParameters(record, model.Net);
        return record;
    }

    public static void WriteParameters(ModelRecord record, BeliefNet net)
    {
        for (int k = 0; k <= net.Depth; k++)
        {
            record.Add(ModelTensor.Of($"block.{k}", net.Blocks[k].ToArray(), net.Blocks[k].Inputs + 1, net.Blocks[k].Outputs));
        }
    }

    public static void ReadParameters(ModelRecord record, BeliefNet net, string file)
    {
        for (int k = 0; k <= net.Depth; k++)
        {
            double[] values = record.Tensor($"block.{k}", net.Blocks[k].Inputs + 1, net.Blocks[k].Outputs).ToDoubles();
            if (!Array.TrueForAll(values, v => Math.Abs(v) <= MaxParameter))
            {
                throw new ModelFileException(file, $"tensor 'block.{k}' holds a value that is not a number between -{MaxParameter} and {MaxParameter}.");
            }

            net.Blocks[k].Set(values);
        }
    }

    private static SigmoidBeliefNetModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int[] sizes = record.Get<int[]>("layers");
        bool exact = record.Get<bool>("exact");
        SigmoidBeliefNetOptions options = new()
        {
            Latents = sizes.Length > 0 ? sizes[0] : 0,
            DeeperLayers = sizes.Skip(1).ToArray(),
            States = record.Get<int>("states"),
            Posterior = exact ? BeliefPosterior.Exact : BeliefPosterior.Truncated,
        };
        if (sizes.Length > SigmoidBeliefNetOptions.MaxLatents || (sizes.Length > 1) != (record.Family == Deep) || header.Scaling.Kind != ScalingKind.None)
        {
            throw new ModelFileException(file, $"holds {sizes.Length} layers and the scaling {header.Scaling.Kind}, which is no model of family '{record.Family}'.");
        }

        try
        {
            options.Validate();
        }
        catch (BadOptionException error)
        {
            throw new ModelFileException(file, $"cannot be read: {error.Message}", error);
        }

        RequireTensors(record, sizes, header.Scaling.Columns);
        BeliefNet net = new(header.Scaling.Columns, sizes);
        ReadParameters(record, net, file);
        return new SigmoidBeliefNetModel(net, exact, options.States, header);
    }

    /// <summary>Shapes are checked before anything of their size is allocated.</summary>
    private static void RequireTensors(ModelRecord record, int[] sizes, int columns)
    {
        for (int k = 0; k <= sizes.Length; k++)
        {
            record.Tensor($"block.{k}", (k < sizes.Length ? sizes[k] : 0) + 1, k == 0 ? columns : sizes[k - 1]);
        }
    }

    private static SigmoidBeliefNetTrainer Trainer(FitSettings settings, string name)
    {
        bool deep = name == Deep;
        settings.Refuse(
            name, nameof(FitSettings.Latents), nameof(FitSettings.Epochs), nameof(FitSettings.Likelihood), deep ? nameof(FitSettings.Hidden) : nameof(FitSettings.Latents));
        if (settings.Likelihood is not (null or "bernoulli"))
        {
            throw new BadOptionException("likelihood", $"The model {name} has the likelihood 'bernoulli' only, not '{settings.Likelihood}'.");
        }

        int latents = settings.Latents ?? throw new BadOptionException("latents", $"The model {name} needs the number of latents.");
        SigmoidBeliefNetOptions options = new()
        {
            Latents = latents,
            DeeperLayers = settings.Hidden is { Count: > 0 } deeper ? deeper : deep ? [Math.Max(1, latents / 2)] : [],
            Seed = settings.Seed,
        };
        return new SigmoidBeliefNetTrainer(options with
        {
            Iterations = settings.Epochs ?? options.Iterations,
            Scaling = settings.Scaling ?? options.Scaling,
        });
    }
}
