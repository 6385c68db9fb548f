using EntropyElbo.Data;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.Mixture;

/// <summary>The record of a mixture in model files.</summary>
internal static class MixtureFile
{
    private const int Version = 1;
    private const string ModelPrefix = "mixture";

    public static ModelRecord Write(MixtureModel model)
    {
        ModelRecord record = new(model.Family, Version);
        ModelHeaderFile.Write(record, model.Header);
        record.Set("components", model.LatentDimension);
        record.Set("keptComponents", model.KeptComponents);
        if (model.Smoothing > 0)
        {
            record.Set("smoothing", model.Smoothing);
        }

        WriteParameters(record, ModelPrefix, model.Parameters);
        WriteReferences(record, model.Parameters);
        return record;
    }

    /// <summary>What the families took from the training rows, range by range.</summary>
    public static void WriteReferences(ModelRecord record, MixtureParameters parameters)
    {
        for (int g = 0; g < parameters.Families.Length; g++)
        {
            record.Add(ModelTensor.Of($"reference{g}", parameters.Families[g].Reference));
        }
    }

    /// <summary>The families of column ranges with what <see cref="WriteReferences"/> wrote.</summary>
    public static ColumnFamily[] ReadFamilies(ModelRecord record, ColumnRange[] ranges) => [.. ranges.Select((r, g) => Family(record, r, g))];

    /// <summary>Weights and standard parameters, range by range.</summary>
    public static void WriteParameters(ModelRecord record, string prefix, MixtureParameters parameters)
    {
        record.Add(ModelTensor.Of($"{prefix}.weights", parameters.Weights));
        for (int g = 0; g < parameters.Ranges.Length; g++)
        {
            record.Add(ModelTensor.Of($"{prefix}.parameters{g}", parameters.Ranges[g].Parameters));
        }
    }

    /// <summary>Reads what <see cref="WriteParameters"/> wrote.</summary>
    /// <exception cref="ModelFileException">The values are no mixture's.</exception>
    public static MixtureParameters ReadParameters(ModelRecord record, string prefix, IReadOnlyList<ColumnFamily> families, int components)
    {
        double[] weights = record.FiniteDoubles($"{prefix}.weights", components);
        record.Require(weights.All(w => w >= 0) && Math.Abs(weights.Sum() - 1) < 1e-9, $"{prefix}.weights", "weights that do not sum to 1");
        ColumnComponents[] ranges = new ColumnComponents[families.Count];
        for (int g = 0; g < ranges.Length; g++)
        {
            ColumnFamily family = families[g];
            double[] parameters = record.FiniteDoubles($"{prefix}.parameters{g}", family.ParameterLength(components));
            string? violation = family.Violation(components, parameters);
            record.Require(violation is null, $"{prefix}.parameters{g}", violation ?? "");
            ranges[g] = Components(record, family, components, parameters, $"{prefix}.parameters{g}");
        }

        return new MixtureParameters(weights, ranges);
    }

    /// <summary>
    /// Each value may be in its range, and yet what follows from it not be a number: means that overflow, shapes that vanish beside
    /// 1.
    /// </summary>
    private static ColumnComponents Components(ModelRecord record, ColumnFamily family, int components, double[] parameters, string tensor)
    {
        try
        {
            ColumnComponents range = family.Create(components, parameters);
            double[] means = new double[family.Count];
            for (int k = 0; k < components; k++)
            {
                range.Mean(k, means);
                record.Require(Array.TrueForAll(means, double.IsFinite), tensor, "a component whose mean is not finite");
            }

            return range;
        }
        catch (ArgumentException error)
        {
            throw new ModelFileException(
                record.Source, $"tensor '{tensor}' holds parameters that cannot be used ({error.Message}); train the model again.", error);
        }
    }

    public static MixtureModel Read(ModelRecord record, string file)
    {
        ModelHeaderFile.RequireVersion(record, Version, file);
        ModelHeader header = ModelHeaderFile.Read(record, file);
        int components = record.Get<int>("components");
        int kept = record.Get<int>("keptComponents");
        double smoothing = record.Has("smoothing") ? record.Get<double>("smoothing") : 0;
        record.Require(smoothing >= 0 && double.IsFinite(smoothing), "smoothing", "pseudo-counts that are no finite number, 0 or above");
        record.Require(components >= 1 && kept >= 1 && kept <= components, "keptComponents", $"{kept} kept components of {components}");
        try
        {
            MixtureSpecification specification = MixtureSpecification.Parse(record.Family);
            record.Require(
                specification.IsGaussian || header.Scaling.Kind == ScalingKind.None,
                "scaling",
                "a scaling of counts, positive numbers or categories");
            ColumnRange[] ranges = specification.Resolve(header.Scaling.Columns);
            ColumnFamily[] families = ReadFamilies(record, ranges);
            return new MixtureModel(specification, ReadParameters(record, ModelPrefix, families, components), kept, header, smoothing);
        }
        catch (Exception error) when (error is BadOptionException or InsufficientMemoryException)
        {
            throw new ModelFileException(file, $"cannot be read: {error.Message}", error);
        }
    }

    private static ColumnFamily Family(ModelRecord record, ColumnRange range, int index)
    {
        double[] reference = record.FiniteDoubles($"reference{index}", MixtureSpecification.ReferenceLength(range));
        bool gaussian = range.Family.StartsWith("gaussian", StringComparison.Ordinal);
        bool categorical = range.Family == "categorical";
        for (int i = gaussian ? range.Count : 0; i < reference.Length; i++)
        {
            double value = reference[i];
            bool fits = categorical ? value is >= 2 and <= CategoricalFamily.MaximumCategories && Math.Floor(value) == value : value > 0;
            record.Require(fits, $"reference{index}", $"a value of {range.Family} that is out of range");
        }

        return MixtureSpecification.Create(range, reference);
    }
}
