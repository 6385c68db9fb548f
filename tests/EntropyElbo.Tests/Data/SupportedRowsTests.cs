using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Data;

/// <summary>Values outside a likelihood's support, in every family that has one.</summary>
[TestClass]
public sealed class SupportedRowsTests
{
    private const int Columns = 5;

    public static IEnumerable<object[]> Families => [["sbn"], ["mixture:poisson"], ["mixture:bernoulli"], ["vae-1"]];

    /// <summary>The row is named by its place in the data, also where rows before it are left out.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    public void TheRowIsNamedByItsPlace_BehindRowsThatAreSkipped(string family)
    {
        double[] values = Values();
        LatentModel model = Fit(family, values);
        values[3] = double.NaN;
        values[(4 * Columns) + 1] = double.PositiveInfinity;
        values[(9 * Columns) + 2] = -1;
        InMemoryRows rows = new(values, Columns);
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => model.Evaluate(rows, new EvaluateOptions { MissingValues = MissingValues.SkipRow }));
        Assert.AreEqual(9, error.Row);
        Assert.AreEqual("c2", error.Column);
        StringAssert.Contains(error.Message, "row 10 (the first is 1), column 'c2' is -1, but ");
        BadDataException fitting = Assert.ThrowsExactly<BadDataException>(
            () => Trainer(family).Fit(rows, new FitContext { MissingValues = MissingValues.SkipRow }));
        Assert.AreEqual(9, fitting.Row);
    }

    /// <summary>A row with a missing value is left out whatever else is in it.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    public void ARowThatIsLeftOut_MayHoldAnything(string family)
    {
        double[] values = Values();
        values[(9 * Columns) + 2] = -1;
        values[(9 * Columns) + 4] = double.NaN;
        InMemoryRows rows = new(values, Columns);
        FitResult fit = Trainer(family).Fit(rows, new FitContext { MissingValues = MissingValues.SkipRow });
        Assert.AreEqual(1, fit.Model.Training.SkippedRows);
        Assert.AreEqual(59, fit.Model.Evaluate(rows, new EvaluateOptions { MissingValues = MissingValues.SkipRow }).Summary.Rows);
    }

    private static LatentModel Fit(string family, double[] values) => Trainer(family).Fit(new InMemoryRows(values.ToArray(), Columns)).Model;

    private static ITrainer Trainer(string family)
    {
        bool isMixture = family.StartsWith("mixture:", StringComparison.Ordinal);
        return ModelFamilies.Find(family).CreateTrainer(new FitSettings
        {
            Latents = isMixture ? null : 2,
            Components = isMixture ? 2 : null,
            Likelihood = family == "vae-1" ? "bernoulli" : null,
            Epochs = 1,
        });
    }

    private static double[] Values() => [.. Enumerable.Range(0, 60 * Columns).Select(i => (double)((i * i / 7) & 1))];
}
