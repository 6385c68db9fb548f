using System.Text;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>
/// Hostile model files with a right checksum: they are refused by the documented exception, or give a model whose every use ends in
/// numbers or in a documented exception.
/// </summary>
[TestClass]
public sealed class ModelFileFuzzTests
{
    private static readonly Lazy<IReadOnlyList<(ModelRecord Record, InMemoryRows Rows)>> Models = new(() =>
        [.. FuzzModels.All.Select(c => (c.Trainer(FuzzModels.Case.Epochs).Fit(c.Rows).Model.ToRecord(), c.Rows))]);

    /// <summary>So that no input's time has theirs.</summary>
    [ClassInitialize]
    public static void Make(TestContext context) => _ = Models.Value;

    [TestMethod]
    public void BrokenRecordsAreRefusedOrWork() => new FuzzRun("model file, tensors and facts").Seeds(1500, 300, seed =>
    {
        Random random = new(seed);
        (ModelRecord record, InMemoryRows rows) = Models.Value[random.Next(Models.Value.Count)];
        return LoadAndUse(ModelFile.ToBytes(new RecordMutator(random).Mutate(record)), rows);
    });

    [TestMethod]
    public void BrokenHeadersAreRefusedOrWork() => new FuzzRun("model file, bytes of the header").Seeds(1500, 300, seed =>
    {
        Random random = new(seed);
        (ModelRecord record, InMemoryRows rows) = Models.Value[random.Next(Models.Value.Count)];
        byte[] bytes = ModelFile.ToBytes(record);
        int header = (int)BitConverter.ToInt64(bytes);
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            bytes[random.Next(4) == 0 ? random.Next(bytes.Length) : 8 + random.Next(header)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "0123456789-\",:[]{}e."[random.Next(20)]);
        }

        RepairChecksum(bytes);
        return LoadAndUse(bytes, rows);
    });

    private static string LoadAndUse(byte[] bytes, InMemoryRows rows)
    {
        LatentModel model;
        try
        {
            model = ModelFamilies.Read(ModelFile.FromBytes(bytes, "fuzz"), "fuzz");
        }
        catch (ModelFileException error)
        {
            StringAssert.StartsWith(error.Message, "fuzz: ");
            return "refused";
        }

        int refusals = Use(model, rows);
        return refusals == 0 ? "works" : "works in part";
    }

    /// <summary>Every public use; the number of those that ended in a documented exception.</summary>
    private static int Use(LatentModel model, InMemoryRows training)
    {
        int columns = model.ObservedDimension, latents = model.LatentDimension, refusals = 0;
        double[] rows = columns == training.Columns ? training.Take(3).ReadAll().Values : [.. Enumerable.Repeat(1.0, 3 * columns)];
        double[] codes = new double[3 * latents], variances = new double[3 * latents], decoded = new double[rows.Length], scores = new double[3];
        void Try(string what, Action use, params ReadOnlySpan<double[]> outputs)
        {
            try
            {
                use();
                foreach (double[] output in outputs)
                {
                    Assert.IsFalse(Array.Exists(output, double.IsNaN), $"{what} of a {model.Family} gives NaN");
                }
            }
            catch (Exception error) when (error is BadDataException or BadOptionException)
            {
                refusals++;
            }
        }

        Try("Encode", () => model.Encode(rows, codes, variances), codes, variances);
        Array.Clear(codes);
        Try("Decode", () => model.Decode(codes, decoded), decoded);
        Try("Reconstruct", () => model.Reconstruct(rows, decoded), decoded);
        Try("Sample", () => model.Sample(decoded, 1), decoded);
        Try("RowElbo", () => model.RowElbo(rows, scores, 3), scores);
        Try("LogLikelihood", () => model.LogLikelihood(rows, scores, 3), scores);
        Try("Evaluate", () => Report(model.Evaluate(new InMemoryRows(rows, columns), new EvaluateOptions { Samples = 2, Threads = 1 })));
        if (model.Training.Report is { } report)
        {
            _ = Text(report);
        }

        _ = model.FreeParameters;
        byte[] again = ModelFile.ToBytes(model.ToRecord());
        CollectionAssert.AreEqual(again, ModelFile.ToBytes(ModelFamilies.Read(ModelFile.FromBytes(again, "again"), "again").ToRecord()));
        return refusals;
    }

    /// <summary>No figure is NaN; the relative gap is where the ELBO is infinite, which it is for impossible rows.</summary>
    private static void Report(Evaluation evaluation) =>
        Assert.DoesNotContain("NaN", string.Join(' ', [Text(evaluation), .. evaluation.Latents]).Replace("RelativeGap = NaN", "", StringComparison.Ordinal));

    private static string Text(Evaluation evaluation) => $"{evaluation} {evaluation.Bic} {evaluation.Aic} {evaluation.Collapsed}";

    private static void RepairChecksum(byte[] bytes)
    {
        int at = bytes.AsSpan().IndexOf("\"sha256\":\""u8);
        if (at >= 0 && at + 74 <= bytes.Length)
        {
            Encoding.ASCII.GetBytes(ModelFileReader.Checksum(bytes, at + 10), bytes.AsSpan(at + 10));
        }
    }
}
