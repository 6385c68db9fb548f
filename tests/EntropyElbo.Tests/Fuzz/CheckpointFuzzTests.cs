using EntropyElbo.Catalog;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>
/// Hostile checkpoints with a right checksum and fingerprint: training refuses them by the documented exception, or goes on and ends
/// as a fit does.
/// </summary>
[TestClass]
public sealed class CheckpointFuzzTests
{
    private const int MoreEpochs = FuzzModels.Case.Epochs + 2;

    private static readonly Lazy<IReadOnlyList<(FuzzModels.Case Case, ModelRecord Record)>> Checkpoints = new(() =>
        [.. FuzzModels.All.Where(c => c.Family != "ppca").Select(c => (c, ModelFile.FromBytes(Bytes(c), "checkpoint")))]);

    /// <summary>So that no input's time has theirs.</summary>
    [ClassInitialize]
    public static void Make(TestContext context) => _ = Checkpoints.Value;

    [TestMethod]
    public void BrokenCheckpointsAreRefusedOrGoneOnFrom()
    {
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-fuzz-{Guid.NewGuid():N}.checkpoint");
        try
        {
            new FuzzRun("checkpoint, tensors and facts").Seeds(600, 300, seed =>
            {
                Random random = new(seed);
                (FuzzModels.Case made, ModelRecord record) = Checkpoints.Value[random.Next(Checkpoints.Value.Count)];
                File.WriteAllBytes(path, ModelFile.ToBytes(new RecordMutator(random).Mutate(record)));
                return Resume(made, path, random.Next(3) == 0 ? FuzzModels.Case.Epochs : MoreEpochs);
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void EveryCheckpointIsGoneOnFrom()
    {
        foreach ((FuzzModels.Case made, ModelRecord record) in Checkpoints.Value)
        {
            string path = Path.Combine(Path.GetTempPath(), $"eelbo-fuzz-{Guid.NewGuid():N}.checkpoint");
            File.WriteAllBytes(path, ModelFile.ToBytes(record));
            string answer = Resume(made, path, FuzzModels.Case.Epochs);
            File.Delete(path);
            Assert.AreEqual("goes on", answer, $"{made.Family} {made.Trainer(1)}");
        }
    }

    private static byte[] Bytes(FuzzModels.Case made)
    {
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-fuzz-{Guid.NewGuid():N}.checkpoint");
        made.Trainer(FuzzModels.Case.Epochs).Fit(made.Rows, new FitContext { CheckpointPath = path, Threads = 1 });
        byte[] bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    private static string Resume(FuzzModels.Case made, string path, int epochs)
    {
        try
        {
            LatentModel model = made.Trainer(epochs).Fit(made.Rows, new FitContext { CheckpointPath = path, Resume = true, Threads = 1 }).Model;
            ModelFamilies.Read(model.ToRecord(), $"{path}, the model of {made.Family}");
            ModelFile.Read(path);
            return "goes on";
        }
        catch (ModelFileException error)
        {
            StringAssert.StartsWith(error.Message, path);
            return "refused";
        }
        catch (Exception error) when (error is TrainingException or BadDataException)
        {
            return "training ends";
        }
    }
}
