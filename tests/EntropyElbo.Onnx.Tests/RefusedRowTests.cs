using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Models;

namespace EntropyElbo.Onnx.Tests;

/// <summary>Rows that the library refuses or treats apart.</summary>
[TestClass]
public sealed class RefusedRowTests
{
    /// <summary>Everything is NaN of a refused row, and its neighbours are what they were.</summary>
    [TestMethod]
    [DataRow("ppca", double.NaN)]
    [DataRow("vae-1", double.PositiveInfinity)]
    [DataRow("vae-1 poisson", -1.0)]
    [DataRow("vae-1 poisson", 0.5)]
    [DataRow("vae-1 binomial", 10.0)]
    [DataRow("vae-d gamma", 0.0)]
    [DataRow("vae-1 continuous-bernoulli", 1.5)]
    [DataRow("mixture:categorical", double.NaN)]
    [DataRow("mixture:gaussian-full", double.NaN)]
    [DataRow("sparse-coding, network", double.NegativeInfinity)]
    public void ARefusedRow_IsNotANumber(string name, double bad)
    {
        (LatentModel model, double[] rows) = Cases.Of(name);
        int width = model.ObservedDimension;
        double[] some = rows[..(3 * width)];
        OnnxOutputs what = model.PossibleOnnxOutputs() & ~OnnxOutputs.Decoder;
        Dictionary<string, double[]> good = Expected.Of(model, some, what);
        some[width + 1] = bad;
        Assert.ThrowsExactly<BadDataException>(() => Expected.Of(model, some, what));
        using OnnxRun run = OnnxRun.Of(model, what);
        foreach ((string output, double[] values) in run.Of(some, width))
        {
            int each = values.Length / 3;
            Assert.IsTrue(values[each..(2 * each)].All(double.IsNaN), output);
            Assert.IsTrue(Expected.Difference([.. good[output][..each], .. good[output][(2 * each)..]], [.. values[..each], .. values[(2 * each)..]]) <= 1e-5, output);
        }
    }

    /// <summary>Scores of mixtures are infinite outside of the support, as in the library.</summary>
    [TestMethod]
    [DataRow("mixture:gamma", -1.0)]
    [DataRow("mixture:poisson", 0.5)]
    [DataRow("mixture:beta", 1.0)]
    public void OutsideTheSupport_ScoresAreInfinite(string name, double bad)
    {
        (LatentModel model, double[] rows) = Cases.Of(name);
        double[] row = rows[..model.ObservedDimension], score = new double[1];
        row[0] = bad;
        model.AnomalyScore(row, score);
        Assert.AreEqual(double.PositiveInfinity, score[0]);
        using OnnxRun run = OnnxRun.Of(model, OnnxOutputs.Score);
        Assert.AreEqual(double.PositiveInfinity, run.Of(row, model.ObservedDimension)["score"][0]);
    }

    /// <summary>
    /// Values that training did not see leave a row's likelihood and code; rows whose values no component has together are
    /// impossible. Two groups: (0, 0, categories 0 and 1, 0) and (1, 0, categories 2 and 3, 3 or more).
    /// </summary>
    [TestMethod]
    public void UnseenAndImpossibleRows_AreTheLibrarys()
    {
        double[] rows = [.. Enumerable.Range(0, 200).SelectMany(i => i % 2 == 0
            ? new double[] { 0, 0, i / 2 % 2, 0 } : [1, 0, 2 + (i / 2 % 2), 3 + (i % 5)])];
        LatentModel model = new MixtureTrainer(new MixtureOptions { Family = "bernoulli@1-2,categorical@3,poisson@4", Components = 2, Restarts = 3 })
            .Fit(new InMemoryRows(rows, 4)).Model;
        double[] strange =
        [
            0, 1, 0, 0, // a 1 in a column of zeros
            1, 0, 9, 4, // a new category
            1, 1, 7, 2000, // both, and a large count
            0, 0, 3, 0, // each seen, but not together
            1, 0, 2, 5,
        ];
        Assert.AreEqual(4, model.CountUnseen(strange));
        OnnxOutputs what = OnnxOutputs.Encoder | OnnxOutputs.Score;
        Dictionary<string, double[]> expected = Expected.Of(model, strange, what);
        Assert.AreEqual(1, expected["score"].Count(double.IsPositiveInfinity));
        using OnnxRun run = OnnxRun.Of(model, what);
        Dictionary<string, double[]> found = run.Of(strange, 4);
        foreach ((string output, double[] values) in expected)
        {
            Assert.IsTrue(Expected.Difference(values, found[output]) <= 1e-5, output);
        }
    }
}
