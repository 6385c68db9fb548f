using EntropyElbo.Data;
using EntropyElbo.Files;

namespace EntropyElbo.Models;

/// <summary>The part of a model's record that all families share.</summary>
internal static class ModelHeaderFile
{
    private const string EncodingsKey = "categoricalColumns";

    /// <summary>Adds to a record how columns of text were encoded; nothing where there are none.</summary>
    public static ModelRecord WriteEncodings(ModelRecord record, IReadOnlyList<CategoricalColumn> encodings) =>
        encodings.Count == 0 ? record : record.Set(EncodingsKey, [.. encodings], ModelFacts.Encodings);

    public static void Write(ModelRecord record, ModelHeader header)
    {
        record.Set("scaling", header.Scaling.Kind, ModelFacts.Scaling);
        record.Set("constantColumns", header.Scaling.ConstantColumns);
        record.Set("columnNames", header.ColumnNames);
        record.Set("training", header.Training, ModelFacts.Training);
        WriteEncodings(record, header.Encodings);
        record.Add(ModelTensor.Of("scaling.offset", header.Scaling.Offset.ToArray(), header.Scaling.Columns));
        record.Add(ModelTensor.Of("scaling.factor", header.Scaling.Factor.ToArray(), header.Scaling.Columns));
    }

    public static ModelHeader Read(ModelRecord record, string file)
    {
        string[] names = record.Get<string[]>("columnNames");
        int[] constant = record.Get<int[]>("constantColumns");
        TrainingRecord training = record.Get("training", ModelFacts.Training);
        record.Require(
            Array.TrueForAll(constant, c => c >= 0 && c < names.Length),
            "constantColumns",
            $"a column that is not among the {names.Length}");
        try
        {
            Scaling scaling = new(
                record.Get("scaling", ModelFacts.Scaling),
                record.Tensor("scaling.offset", names.Length).ToDoubles(),
                record.Tensor("scaling.factor", names.Length).ToDoubles(),
                constant);
            record.Require(
                scaling.Kind != ScalingKind.None || !(scaling.Offset.ContainsAnyExcept(0) || scaling.Factor.ContainsAnyExcept(1)),
                "scaling", "no scaling of columns that are shifted or stretched");
            return new ModelHeader(scaling, names, training) { Encodings = ReadEncodings(record, names) };
        }
        catch (Exception error) when (error is BadOptionException or ArgumentException)
        {
            throw new ModelFileException(file, $"holds a scaling that cannot be used: {error.Message}", error);
        }
    }

    private static CategoricalColumn[] ReadEncodings(ModelRecord record, string[] names)
    {
        CategoricalColumn[] encodings = record.Has(EncodingsKey) ? record.Get(EncodingsKey, ModelFacts.Encodings) : [];
        HashSet<string> known = [.. names];
        record.Require(
            Array.TrueForAll(encodings, e => e.Column is not null && e.Values is { Count: > 0 } && e.Names.All(known.Remove)),
            EncodingsKey,
            "an encoding whose columns are not the model's");
        return encodings;
    }

    public static void RequireVersion(ModelRecord record, int version, string file)
    {
        if (record.FamilyVersion > version)
        {
            throw new ModelFileException(
                file, $"holds a {record.Family} model of record version {record.FamilyVersion}, newer than this library's {version}; "
                    + $"update the library.");
        }
    }
}
