using EntropyElbo.Data;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class ScalingTests
{
    [TestMethod]
    public void Standard_scaling_of_the_integers_has_its_closed_form()
    {
        const int n = 1001;
        foreach (double offset in new[] { 0.0, 1e9, -1e12 })
        {
            double[] values = [.. Enumerable.Range(0, n).Select(i => offset + (i * 389 % n))];
            Scaling scaling = Scaling.Fit(new InMemoryRows(values, 1), ScalingKind.Standard);
            Assert.AreEqual(offset + ((n - 1) / 2.0), scaling.Offset[0], 1e-15 * Math.Abs(offset) + 1e-12);
            Assert.AreEqual(Math.Sqrt(((double)n * n - 1) / 12), 1 / scaling.Factor[0], 1e-11);
        }
    }

    /// <summary>Two values at a large offset, where sums of squares lose everything.</summary>
    [TestMethod]
    public void Large_offsets_keep_the_spread()
    {
        double[] values = [.. Enumerable.Range(0, 100_000).Select(i => 1e9 + (i % 2 == 0 ? 0.25 : -0.25))];
        Scaling scaling = Scaling.Fit(new InMemoryRows(values, 1), ScalingKind.Standard);
        Assert.AreEqual(4.0, scaling.Factor[0], 1e-9);
        Assert.AreEqual(1e9, scaling.Offset[0], 1e-6);
    }

    [TestMethod]
    public void Min_max_maps_to_the_unit_interval_and_never_beyond()
    {
        RandomStream random = new(5, RandomPurpose.Generation);
        for (int round = 0; round < 200; round++)
        {
            double[] values = [.. Enumerable.Range(0, 30).Select(_ => random.NextGaussian() * Math.Pow(10, random.NextInt(9) - 4))];
            Scaling scaling = Scaling.Fit(new InMemoryRows(values, 1), ScalingKind.MinMax);
            double[] scaled = [.. values];
            scaling.Apply(scaled);
            Assert.AreEqual(0, scaled.Min());
            Assert.AreEqual(1, scaled.Max(), 1e-15);
            Assert.IsTrue(scaled.All(x => x is >= 0 and <= 1));
        }
    }

    [TestMethod]
    public void Apply_and_invert_are_inverse()
    {
        Scaling scaling = new(ScalingKind.Standard, [1, -20, 300], [0.5, 8, 0.125]);
        double[] rows = [3, -19.5, 308, 1, -20, 300];
        double[] expected = [1, 4, 1, 0, 0, 0];
        double[] scaled = new double[6];
        float[] single = new float[6];
        double[] back = new double[6];
        scaling.Apply(rows, scaled);
        CollectionAssert.AreEqual(expected, scaled);
        scaling.Apply(rows, single);
        CollectionAssert.AreEqual(expected.Select(x => (float)x).ToArray(), single);
        scaling.Invert(scaled, back);
        CollectionAssert.AreEqual(rows, back);
        scaling.Invert(single, back);
        CollectionAssert.AreEqual(rows, back);
        scaling.Invert(scaled.AsSpan());
        CollectionAssert.AreEqual(rows, scaled);
        double[] variances = [1, 64, 1];
        scaling.InvertVariance(variances);
        CollectionAssert.AreEqual(new double[] { 4, 1, 64 }, variances);
    }

    /// <summary>The density of a standard normal scaled by factor f is f times that of the scaled value.</summary>
    [TestMethod]
    public void Log_volume_carries_densities_to_original_units()
    {
        Scaling scaling = new(ScalingKind.Standard, [3, -1], [0.5, 4]);
        double[] x = [4, -0.5];
        double[] z = new double[2];
        scaling.Apply(x, z);
        double original = LogNormal(x[0], 3, 2) + LogNormal(x[1], -1, 0.25);
        Assert.AreEqual(original, LogNormal(z[0], 0, 1) + LogNormal(z[1], 0, 1) + scaling.LogVolume, 1e-14);
    }

    [TestMethod]
    public void Constant_columns_become_zero_and_are_listed()
    {
        InMemoryRows rows = new(new double[] { 5, 1, 1e-320, 5, 2, 0 }, 3);
        foreach (ScalingKind kind in new[] { ScalingKind.MinMax, ScalingKind.Standard })
        {
            Scaling scaling = Scaling.Fit(rows, kind);
            CollectionAssert.AreEqual(new[] { 0, 2 }, scaling.ConstantColumns.ToArray());
            Assert.AreEqual(1, scaling.Factor[0]);
            double[] scaled = [5, 1, 0];
            scaling.Apply(scaled);
            Assert.AreEqual(0, scaled[0]);
        }

        Scaling none = Scaling.Fit(rows, ScalingKind.None);
        CollectionAssert.AreEqual(new[] { 0 }, none.ConstantColumns.ToArray());
        CollectionAssert.AreEqual(new double[] { 1, 1, 1 }, none.Factor.ToArray());
        CollectionAssert.AreEqual(new double[] { 0, 0, 0 }, none.Offset.ToArray());
    }

    [TestMethod]
    public void A_single_row_is_all_constant_columns()
    {
        Scaling scaling = Scaling.Fit(DataTest.Numbered(1, 3), ScalingKind.Standard);
        Assert.HasCount(3, scaling.ConstantColumns);
        Assert.AreEqual(0, scaling.LogVolume);
    }

    [TestMethod]
    public void Bad_data_is_refused()
    {
        Assert.ThrowsExactly<BadDataException>(() => Scaling.Fit(new InMemoryRows(Array.Empty<double>(), 2), ScalingKind.MinMax));
        BadDataException e = Assert.ThrowsExactly<BadDataException>(
            () => Scaling.Fit(new InMemoryRows(new[] { 1, 2, 3, double.NaN }, 2), ScalingKind.MinMax));
        Assert.AreEqual(1L, e.Row);
        Assert.AreEqual("c1", e.Column);
        foreach (ScalingKind kind in Enum.GetValues<ScalingKind>())
        {
            BadDataException far = Assert.ThrowsExactly<BadDataException>(
                () => Scaling.Fit(new InMemoryRows(new[] { -1e308, 1e308 }, 1), kind));
            Assert.AreEqual("c0", far.Column);
        }

        Scaling two = Scaling.Identity(2);
        Assert.ThrowsExactly<BadDataException>(() => two.Apply(new double[3]));
        Assert.ThrowsExactly<BadDataException>(() => two.Apply(new double[4], new double[2]));
        Assert.ThrowsExactly<BadDataException>(() => two.Invert(new double[5]));
    }

    [TestMethod]
    public void Bad_numbers_are_refused()
    {
        Assert.ThrowsExactly<BadOptionException>(() => Scaling.Identity(0));
        Assert.ThrowsExactly<BadOptionException>(() => new Scaling(ScalingKind.None, [0, 0], [1]));
        foreach (double factor in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            Assert.ThrowsExactly<BadOptionException>(() => new Scaling(ScalingKind.MinMax, [0], [factor]));
        }

        Assert.ThrowsExactly<BadOptionException>(() => new Scaling(ScalingKind.MinMax, [double.NaN], [1]));
        Assert.ThrowsExactly<BadOptionException>(() => new Scaling(ScalingKind.MinMax, [0, 0], [1, 1], [2]));
        Assert.ThrowsExactly<BadOptionException>(() => new Scaling(ScalingKind.MinMax, [0, 0], [1, 1], [1, 0]));
        Assert.ThrowsExactly<BadOptionException>(() => new Scaling((ScalingKind)9, [0], [1]));
    }

    [TestMethod]
    public void Cancellation_stops_the_fit()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(
            () => Scaling.Fit(DataTest.Numbered(10, 1), ScalingKind.MinMax, source.Token));
    }

    private static double LogNormal(double x, double mean, double deviation) =>
        (-0.5 * Math.Log(2 * Math.PI)) - Math.Log(deviation) - (0.5 * (x - mean) * (x - mean) / (deviation * deviation));
}
