using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Contracts;

/// <summary>Fits that start from a trained model: what every family must do.</summary>
[TestClass]
public sealed class ModelStartTests
{
    public static IEnumerable<object[]> Cases => StartCases.All;

    /// <summary>Cases whose bound never falls, and the most iterations that a fit from its own end takes.</summary>
    public static IEnumerable<object[]> Exact =>
    [
        ["linear-vae", "", 60],
        ["factor-analysis", "", 2],
        ["sparse-coding", "", 60],
        ["poisson-sparse-coding", "", 60],
        ["mixture:gaussian-full", "restarts=1", 12],
        ["mixture:bernoulli", "restarts=1", 12],
        ["sbn", "stationarity-tolerance=1e-8", 12],
        ["deep-sbn", "hidden=2;stationarity-tolerance=1e-8", 12],
    ];

    /// <summary>A family that is not here has forgotten about starts, or says in its message why it has none.</summary>
    [TestMethod]
    public void EveryFamily_HasACase_OrSaysWhyNot()
    {
        foreach (ModelFamily family in ModelFamilies.All)
        {
            string name = family.Name.Replace(":N", ":5", StringComparison.Ordinal);
            if (StartCases.All.Any(c => (string)c[0] == name))
            {
                continue;
            }

            InMemoryRows rows = StartCases.Rows(name, "");
            LatentModel model = StartCases.Trainer(name, "").Fit(rows).Model;
            BadOptionException refused = Assert.ThrowsExactly<BadOptionException>(() => StartCases.From(model, name, ""));
            Assert.AreEqual("from", refused.Option);
            StringAssert.Contains(refused.Message, "closed form", $"{name} must start from a model, or say why it cannot.");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void AFit_GoesOnWhereTheModelWas(string name, string settings, int epochs, double noise)
    {
        InMemoryRows rows = StartCases.Rows(name, settings);
        FitContext context = new() { Certificate = false };
        LatentModel first = StartCases.Saved(StartCases.Trainer(name, settings, epochs).Fit(rows, context).Model);
        double before = first.Report.Summary.Elbo;
        double after = StartCases.From(first, name, settings, 1).Fit(rows, context).Model.Report.Summary.Elbo;
        double anew = StartCases.Trainer(name, settings, 1).Fit(rows, context).Model.Report.Summary.Elbo;
        Console.WriteLine($"{name} {settings}: {anew:F4} anew, {before:F4} saved, {after:F4} gone on");
        Assert.IsGreaterThanOrEqualTo(before - noise - (1e-9 * Math.Abs(before)), after);
        Assert.IsGreaterThan(anew + 1e-3, after, "the same iteration without the start must be worse for this test to say anything");
    }

    [TestMethod]
    [DynamicData(nameof(Exact))]
    public void FromItsOwnEnd_AFitStopsSoon_WithTheSameModel(string name, string settings, int most)
    {
        InMemoryRows rows = StartCases.Rows(name, settings);
        FitContext context = new() { Certificate = false };
        LatentModel first = StartCases.Saved(StartCases.Trainer(name, settings, 5000).Fit(rows, context).Model);
        Assert.AreEqual(StopReason.Stationary, first.Training.StopReason);
        LatentModel second = StartCases.From(first, name, settings, 5000).Fit(rows, context).Model;
        Console.WriteLine($"{name} {settings}: {first.Training.Epochs} iterations, then {second.Training.Epochs}");
        Assert.AreEqual(StopReason.Stationary, second.Training.StopReason);
        Assert.IsLessThanOrEqualTo(most, second.Training.Epochs);
        Assert.AreEqual(first.Report.Summary.Elbo, second.Report.Summary.Elbo, 1e-4);
        double[] means = Codes(first, rows), again = Codes(second, rows);
        Assert.IsLessThan(0.02, means.Zip(again, (a, b) => Math.Abs(a - b)).Max(), "the latents keep their order and signs");
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TheModel_DoesNotDependOnThreads(string name, string settings, int epochs, double noise)
    {
        InMemoryRows rows = StartCases.Rows(name, settings);
        LatentModel first = StartCases.Trainer(name, settings, Math.Min(3, epochs)).Fit(rows, new FitContext { Certificate = false }).Model;
        byte[] before = StartCases.Bytes(first);
        ITrainer trainer = StartCases.From(first, name, settings, 2);
        byte[] one = Fit(1), three = Fit(3);
        CollectionAssert.AreEqual(one, three, $"{name} {settings} {noise}");
        CollectionAssert.AreEqual(before, StartCases.Bytes(first), "the model that a fit starts from stays as it is");

        byte[] Fit(int threads) => StartCases.Bytes(trainer.Fit(rows, new FitContext { Threads = threads, Certificate = false }).Model);
    }

    [TestMethod]
    [DataRow("linear-vae")]
    [DataRow("factor-analysis")]
    [DataRow("sparse-coding")]
    [DataRow("vae-1")]
    [DataRow("mixture:gaussian-full")]
    public void TheScaling_IsTheModels_WhateverTheRows(string name)
    {
        const string Settings = "scale=standard";
        InMemoryRows rows = StartCases.Rows(name, "");
        LatentModel first = StartCases.Trainer(name, Settings, 3).Fit(rows).Model;
        double[] values = Array.ConvertAll(rows.ReadAll().Values, v => (0.5 * v) + 1);
        InMemoryRows others = new(values, rows.Columns, rows.ColumnNames);
        LatentModel second = StartCases.From(first, name, "", 3).Fit(others).Model;
        Assert.AreEqual(ScalingKind.Standard, second.Scaling.Kind);
        CollectionAssert.AreEqual(first.Scaling.Offset.ToArray(), second.Scaling.Offset.ToArray());
        CollectionAssert.AreEqual(first.Scaling.Factor.ToArray(), second.Scaling.Factor.ToArray());
        Assert.IsGreaterThan(first.Evaluate(others).Summary.Elbo, second.Report.Summary.Elbo, "it has learned from the others");
        BadOptionException refused = Assert.ThrowsExactly<BadOptionException>(
            () => ModelStart.Apply(StartCases.Trainer(name, "scale=minmax"), first, ScalingKind.MinMax));
        Assert.AreEqual("scale", refused.Option);
    }

    /// <summary>Where rows vary in other units or are fewer than columns, a start still leads to the optimum, which is known.</summary>
    [TestMethod]
    [DataRow(1e-3, 200, 6)]
    [DataRow(1e3, 200, 6)]
    [DataRow(1e-9, 200, 6)]
    [DataRow(1.0, 20, 60)]
    public void ALinearVae_EndsAtTheOptimum_FromAModelOfOtherUnits(double unit, int count, int columns)
    {
        double[] values = StartCases.Rows("linear-vae", "").ReadAll().Values;
        InMemoryRows rows = new(values, columns), others = new(Array.ConvertAll(values, v => v * unit), columns);
        Assert.AreEqual(count, rows.CountRows());
        LatentModel first = StartCases.Trainer("linear-vae", "scale=none").Fit(rows).Model;
        LatentModel second = StartCases.From(first, "linear-vae", "").Fit(others).Model;
        Console.WriteLine($"{second.Training.Epochs} {second.Training.StopReason}");
        Assert.AreEqual(StartCases.Trainer("ppca", "scale=none").Fit(others).Model.Report.Summary.Elbo, second.Report.Summary.Elbo, 1e-4);
        Assert.IsTrue(unit != 1 || second.Training.Epochs < 60);
    }

    /// <summary>Scales that a model has apart are not made one again: the bound would fall.</summary>
    [TestMethod]
    [DataRow("sparse-coding", "", MissingValues.Reject, 0.0)]
    [DataRow("sparse-coding", "", MissingValues.Marginal, 0.0)]
    [DataRow("sparse-coding", "batch=50", MissingValues.Reject, 0.05)]
    [DataRow("poisson-sparse-coding", "", MissingValues.Reject, 0.0)]
    public void TheScalesOfSparseCodes_StayApart(string name, string settings, MissingValues missing, double noise)
    {
        double[] values = StartCases.Rows(name, settings).ReadAll().Values;
        bool isCount = name.StartsWith("poisson", StringComparison.Ordinal);
        for (int i = 0; i < values.Length; i++)
        {
            // Columns 0, 2 and 4 vary together and far more than the others.
            values[i] = isCount && i % 2 == 0 ? values[i] * values[i] * values[i] : i % 2 == 0 ? 30 * values[i] : values[i];
        }

        InMemoryRows rows = new(values, StartCases.Columns);
        FitContext context = new() { Certificate = false, MissingValues = missing };
        LatentModel first = StartCases.Trainer(name, settings, 150).Fit(rows, context).Model;
        LatentModel second = StartCases.From(first, name, settings, 1).Fit(rows, context).Model;
        Console.WriteLine($"{first.Report.Summary.Elbo}, then {second.Report.Summary.Elbo}");
        Assert.IsGreaterThanOrEqualTo(first.Report.Summary.Elbo - noise - 1e-9, second.Report.Summary.Elbo);
        if (second is SparseCodingModel { Scales: var scales })
        {
            Assert.AreNotEqual(scales[0], scales[1], 1e-6 * scales[0]);
        }
    }

    [TestMethod]
    public void AFactorAnalysis_OfFewerRowsThanColumns_StaysAtItsEnd()
    {
        InMemoryRows rows = new(StartCases.Rows("factor-analysis", "").ReadAll().Values, 60);
        LatentModel first = StartCases.Trainer("factor-analysis", "").Fit(rows).Model;
        LatentModel second = StartCases.From(first, "factor-analysis", "").Fit(rows).Model;
        Assert.AreEqual(first.Report.Summary.Elbo, second.Report.Summary.Elbo, 1e-6);
        Assert.IsLessThan(5, second.Training.Epochs);
    }

    private static double[] Codes(LatentModel model, InMemoryRows rows)
    {
        double[] values = rows.ReadAll().Values, means = new double[values.Length / rows.Columns * model.LatentDimension];
        model.Encode(values, means, new double[means.Length]);
        return means;
    }
}
