using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Tests.Fuzz;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Training;

/// <summary>What all checkpoints have in common: they belong to one fit, and hold what a fit can go on from.</summary>
[TestClass]
public sealed class CheckpointFileTests
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.checkpoint");

    [TestCleanup]
    public void Delete() => File.Delete(_path);

    [TestMethod]
    public void OtherDataOfTheSameShapeIsRefused()
    {
        foreach (FuzzModels.Case made in FuzzModels.All.Where(c => c.Family != "ppca"))
        {
            File.Delete(_path);
            Fit(made, made.Rows, resume: false);
            double[] values = made.Rows.ReadAll().Values;

            // Within every support: the first row becomes the second. For the real line, other units too.
            double[] other = [.. values.AsSpan(FuzzModels.Columns, FuzzModels.Columns), .. values.AsSpan(FuzzModels.Columns)];
            Assert.AreNotEqual(string.Join(' ', values), string.Join(' ', other));
            Refused(made, other);
            if (values.Any(v => v < 0))
            {
                Refused(made, Array.ConvertAll(values, v => 50 * v));
            }

            Fit(made, made.Rows, resume: true);
        }
    }

    [TestMethod]
    public void ACheckpointWithoutAHashOfItsDataIsGoneOnFrom()
    {
        FuzzModels.Case made = FuzzModels.All.First(c => c.Family == "vae-1");
        Fit(made, made.Rows, resume: false);
        ModelRecord record = ModelFile.Read(_path);
        string fingerprint = record.Get<string>("fingerprint");
        record.Set("fingerprint", fingerprint[..fingerprint.LastIndexOf(" data ", StringComparison.Ordinal)]);
        ModelFile.Write(_path, record);
        Fit(made, made.Rows, resume: true);
    }

    [TestMethod]
    [DataRow("history", "[null]")]
    [DataRow("history", "[{\"epoch\":2,\"epochs\":2,\"elbo\":1,\"entropySum\":1,\"priorResidual\":0,\"noiseResidual\":0,\"collapsed\":0,\"elapsed\":\"00:00:00\",\"rowsPerSecond\":0}]")]
    [DataRow("steps", "-1")]
    [DataRow("steps", "9223372036854775807")]
    [DataRow("bestEpoch", "2")]
    [DataRow("settleEpoch", "99")]
    public void FactsThatNoFitLeavesAreNamed(string key, string json)
    {
        FuzzModels.Case made = FuzzModels.All.First(c => c.Family == "vae-1");
        Fit(made, made.Rows, resume: false);
        ModelRecord record = ModelFile.Read(_path);
        record.SetJson(key, json);
        ModelFile.Write(_path, record);
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => Fit(made, made.Rows, resume: true)).Message, $"'{key}'");
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(-1.0)]
    [DataRow(1e10)]
    public void ADampingThatNoSearchLeavesIsRefused(double damping)
    {
        FuzzModels.Case made = FuzzModels.All.Last(c => c.Family == "factor-analysis");
        Fit(made, made.Rows, resume: false);
        ModelRecord record = ModelFile.Read(_path), changed = new(record.Family, record.FamilyVersion);
        foreach (string key in record.Keys)
        {
            changed.SetJson(key, record.GetJson(key));
        }

        changed.Add(record.Tensors.First(t => t.Name == "log_variances"));
        changed.Add(ModelTensor.Of("damping", [damping], 1));
        ModelFile.Write(_path, changed);
        FitContext context = new() { CheckpointPath = _path, Resume = true, Threads = 1, CancellationToken = new CancellationTokenSource(5000).Token, ThrowsWhenCancelled = true };
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => made.Trainer(4).Fit(made.Rows, context)).Message, "'damping'");
    }

    private void Refused(FuzzModels.Case made, double[] values)
    {
        string message = Assert.ThrowsExactly<ModelFileException>(() => Fit(made, new InMemoryRows(values, FuzzModels.Columns), resume: true), made.Family).Message;
        StringAssert.Contains(message, "other data", made.Family);
    }

    private void Fit(FuzzModels.Case made, IRowSource rows, bool resume) =>
        made.Trainer(2).Fit(rows, new FitContext { CheckpointPath = _path, Resume = resume, Threads = 1 });
}
