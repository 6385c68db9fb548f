using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>The records of sigmoid belief nets in model files.</summary>
internal static class SigmoidBeliefNetFile
{
    private const int Version = 1;

    /// <summary>Largest size of a parameter in a file: far beyond any logit of use, far from overflow.</summary>
    private const double MaxParameter = 1e6;

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
                throw new ModelFileException(
                    file, $"tensor 'block.{k}' holds a value that is not a number between -{MaxParameter} and {MaxParameter}.");
            }

            net.Blocks[k].Set(values);
        }
    }

    public static SigmoidBeliefNetModel Read(ModelRecord record, string file)
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
        if (sizes.Length > SigmoidBeliefNetOptions.MaxLatents
            || (sizes.Length > 1) != (record.Family == SigmoidBeliefNetFamily.Deep)
            || header.Scaling.Kind != ScalingKind.None)
        {
            throw new ModelFileException(
                file, $"holds {sizes.Length} layers and the scaling {header.Scaling.Kind}, which is no model of family '{record.Family}'.");
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
}
