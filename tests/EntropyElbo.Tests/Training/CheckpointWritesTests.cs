using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Tests.Fuzz;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Training;

/// <summary>A checkpoint that cannot be written does not take the fit with it.</summary>
[TestClass]
public sealed class CheckpointWritesTests
{
    private string _folder = "";

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("eelbo-checkpoints-").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void EveryFamilyTrainsOnWithoutTheFolder()
    {
        foreach (FuzzModels.Case made in FuzzModels.All.Where(c => c.Family != "ppca"))
        {
            string gone = Directory.CreateDirectory(Path.Combine(_folder, "gone")).FullName;
            AtFirstProgress remove = new(() => Directory.Delete(gone, recursive: true));
            LatentModel model = Fit(made, new FitContext { CheckpointPath = Path.Combine(gone, "c"), Progress = remove });
            string warning = model.Training.Warnings.Single(w => w.Contains("checkpoint", StringComparison.Ordinal));
            StringAssert.Contains(warning, "could not be written", made.Family);
            StringAssert.Contains(warning, gone, made.Family);
            CollectionAssert.AreEqual(Elbos(Fit(made, new FitContext()), made), Elbos(model, made), made.Family);
        }
    }

    /// <summary>The path ends to lead anywhere after the first epoch: the checkpoint of that epoch is whole and goes on to the same bits.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void TheLastGoodOneStays()
    {
        FuzzModels.Case made = FuzzModels.All.First(c => c.Family == "vae-1");
        string kept = Path.Combine(_folder, "c"), link = _folder + "-link";
        Directory.CreateSymbolicLink(link, _folder);
        LatentModel model = Fit(made, new FitContext { CheckpointPath = Path.Combine(link, "c"), Progress = new AtFirstProgress(() => Directory.Delete(link)) });
        StringAssert.Contains(model.Training.Warnings.Single(w => w.Contains("checkpoint", StringComparison.Ordinal)), "is of epoch 1");
        CollectionAssert.AreEqual(Elbos(model, made), Elbos(Fit(made, new FitContext { CheckpointPath = kept, Resume = true }), made));
    }

    /// <summary>One failure in the middle: the later ones are written, and the warning says which is the last.</summary>
    [TestMethod]
    public void OneThatFailsIsTriedAgain()
    {
        CheckpointWrites writes = new();
        Assert.IsEmpty(writes.Warnings);
        writes.Write(1, () => { });
        writes.Write(2, () => throw new ModelFileException("c", "cannot be written (No space left on device)."));
        writes.Write(3, () => { });
        string warning = writes.Warnings.Single();
        StringAssert.Contains(warning, "1 checkpoint, the first of epoch 2, could not be written");
        StringAssert.Contains(warning, "No space left");
        StringAssert.Contains(warning, "is of epoch 3");
    }

    private static LatentModel Fit(FuzzModels.Case made, FitContext context) => made.Trainer(3).Fit(made.Rows, context with { Threads = 1 }).Model;

    private static double[] Elbos(LatentModel model, FuzzModels.Case made)
    {
        double[] rows = made.Rows.ReadAll().Values, elbos = new double[rows.Length / FuzzModels.Columns];
        model.RowElbo(rows, elbos);
        return elbos;
    }

    private sealed class AtFirstProgress(Action action) : IProgress<FitProgress>
    {
        private bool _done;

        public void Report(FitProgress value)
        {
            if (!_done)
            {
                _done = true;
                action();
            }
        }
    }
}
