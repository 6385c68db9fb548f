using EntropyElbo.Criterion;

namespace EntropyElbo.Tests.Criterion;

/// <summary>What the criterion says depends on the representation: base measures, priors without parameters, stacks of layers.</summary>
[TestClass]
public sealed class RepresentationTests
{
    private const double Variance = 0.5;

    /// <summary>W = [[0.7, -0.4], [1.1, 0.3], [-0.9, 0.8]], mu = (0.2, -0.5, 0.6).</summary>
    private static readonly double[] s_layer = [0.7, -0.4, 1.1, 0.3, -0.9, 0.8, 0.2, -0.5, 0.6];

    private static readonly double[][] s_points = [[0.3, -1.2], [1.4, 0.8], [-0.6, 0.1], [-1.9, 2.1], [0.9, -0.2], [2.2, 1.3]];

    private static readonly double[][] s_rows = [[0.4, -1, 2], [0, 0.5, -0.3]];

    /// <summary>A VAE with a known variance holds as an exponential family with T = x, by its last layer; beta is that layer.</summary>
    [TestMethod]
    public void Vae0_Holds_WithTheVarianceInTheBaseMeasure_AndFailsWithBothNaturalParameters()
    {
        GenerativeParameterization model = Vae0();
        CriterionResult result = ParameterizationCriterion.Check(model);
        Assert.IsTrue(result.Holds, result.ToString());
        RequireCoefficients(result.Observable, s_layer);
        StringAssert.Contains(result.ToString(), "pseudo entropies");
        CriterionResult both = ParameterizationCriterion.Check(model with
        {
            Observable = (z, t) => [.. Means(z, t).Select(m => m / Variance), .. Enumerable.Repeat(-0.5 / Variance, 3)],
            LogBaseMeasure = null,
            Rows = [],
        });
        Assert.IsTrue(both.Prior.Holds);
        Assert.IsFalse(both.Holds);

        // Nothing moves the second natural parameters, so all of their length is left: 1 for each of 3 columns at 6 points.
        double means = s_points.Sum(z => Means(z, s_layer).Sum(m => m * m / Variance / Variance));
        Assert.AreEqual(Math.Sqrt(18 / (18 + means)), both.Observable.RelativeResidual, 1e-9);
    }

    /// <summary>A learned variance may stand in the base measure beside a free last layer, but cannot be what scales eta.</summary>
    [TestMethod]
    public void BaseMeasure_MustNotMoveWithBeta()
    {
        GenerativeParameterization model = Vae0() with
        {
            Observable = (z, t) => [.. Means(z, t).Select(m => m / t[9])],
            ObservableParameters = [.. s_layer, Variance],
            LogBaseMeasure = (x, t) => x.Sum(v => -0.5 * ((v * v / t[9]) + Math.Log(2 * Math.PI * t[9]))),
        };
        CriterionResult all = ParameterizationCriterion.Check(model);
        Assert.IsTrue(all.Holds, all.ToString());
        RequireCoefficients(all.Observable, [.. s_layer, 0]);
        CriterionResult varianceAlone = ParameterizationCriterion.Check(model with { Subset = [9] });
        Assert.IsFalse(varianceAlone.Observable.Holds, varianceAlone.ToString());
        Assert.IsTrue(ParameterizationCriterion.Check(model with { Subset = [9], LogBaseMeasure = null }).Observable.Holds);
    }

    /// <summary>N(0, I) has no parameter: its scale moves into the first decoder layer, here the only one; the direction is W itself.</summary>
    [TestMethod]
    public void PriorWithoutParameters_Holds_ByTheFirstLayer()
    {
        CriterionResult result = ParameterizationCriterion.Check(Vae0());
        RequireCoefficients(result.Symmetry!, [.. s_layer[..6], 0, 0, 0]);
        StringAssert.Contains(result.ToString(), "scale its means and deviations freely");

        CriterionResult one = ParameterizationCriterion.Check(Vae0() with { PriorParameters = [1, 1], Prior = Precisions, ScaledLatents = [[0], [1]] });
        Assert.IsTrue(one.Holds, one.ToString());
        RequireCoefficients(one.Prior, -0.5, -0.5);
    }

    /// <summary>Without weights between latents and their first non-linear function there is nowhere for the scale to go.</summary>
    [TestMethod]
    public void PriorWithoutParameters_Fails_WhereLatentsEnterWithoutWeights()
    {
        CriterionResult result = ParameterizationCriterion.Check(Vae0() with
        {
            Observable = (z, t) => [.. Means([Math.Tanh(z[0]), Math.Tanh(z[1])], t).Select(m => m / Variance)],
        });
        Assert.IsTrue(result.Prior.Holds && result.Observable.Holds);
        Assert.IsFalse(result.Symmetry!.Holds);
        Assert.IsFalse(result.Holds);

        CriterionResult learned = ParameterizationCriterion.Check(Vae0() with
        {
            Observable = (z, t) => [.. Means([Math.Tanh(z[0]), Math.Tanh(z[1])], t).Select(m => m / Variance)],
            ScaledLatents = null,
        });
        Assert.IsTrue(learned.Holds, "a learned scale needs no symmetry");
    }

    /// <summary>A deep belief net, and one whose upper layer is rigid (LW Ex. 3).</summary>
    [TestMethod]
    public void Stacks_AreAskedLayerByLayer()
    {
        double[][] states = [[0, 0], [0, 1], [1, 0], [1, 1]];
        GenerativeParameterization net = new()
        {
            Prior = pi => Array.ConvertAll(pi, p => Math.Log(p / (1 - p))),
            PriorParameters = [0.3, 0.8],
            Observable = Means,
            ObservableParameters = s_layer,
            Latents = states,
            Layers = [new LayerParameterization { Natural = (z, t) => [(t[0] * z[0]) + (t[1] * z[1]) + t[2], (t[3] * z[1]) + t[4]], Parameters = [0.4, -1, 0.2, 0.9, -0.6], Latents = states }],
        };
        CriterionResult result = ParameterizationCriterion.Check(net);
        Assert.IsTrue(result.Holds, result.ToString());
        RequireCoefficients(result.Layers[0], 0.4, -1, 0.2, 0.9, -0.6);
        CriterionResult rigid = ParameterizationCriterion.Check(net with
        {
            Layers = [new LayerParameterization { Natural = (z, t) => [t[0] * z[0], (t[0] + 1) * z[0]], Parameters = [1.5], Latents = [[0], [1]] }],
        });
        Assert.IsTrue(rigid.Prior.Holds && rigid.Observable.Holds);
        Assert.IsFalse(rigid.Holds);
        Assert.AreEqual(Math.Sqrt(0.5) / Math.Sqrt((1.5 * 1.5) + (2.5 * 2.5)), rigid.Layers[0].RelativeResidual, 1e-9);
        StringAssert.Contains(rigid.ToString(), "B (layer 1)");
    }

    [TestMethod]
    public void BadInput_IsNamed()
    {
        GenerativeParameterization model = Vae0();
        LayerParameterization layer = new() { Natural = Means, Parameters = s_layer, Latents = s_points };
        foreach ((GenerativeParameterization bad, string option) in new[]
        {
            (model with { Rows = [] }, "rows"),
            (model with { ScaledLatents = [] }, "scaled-latents"),
            (model with { ScaledLatents = [[2]] }, "scaled-latents"),
            (model with { ScaledLatents = [[]] }, "scaled-latents"),
            (model with { LogBaseMeasure = (_, _) => double.NaN }, "parameters"),
            (model with { Layers = [layer with { Latents = [] }] }, "latents"),
            (model with { Layers = [layer with { Parameters = [] }] }, "parameters"),
            (model with { Layers = [layer with { Subset = [9] }] }, "subset"),
            (model with { Layers = [layer with { Names = ["w"] }] }, "names"),
        })
        {
            Assert.AreEqual(option, Assert.ThrowsExactly<BadOptionException>(() => ParameterizationCriterion.Check(bad)).Option);
        }
    }

    private static GenerativeParameterization Vae0() => new()
    {
        Prior = scale => Precisions([scale[0], scale[0]]),
        PriorParameters = [1],
        ScaledLatents = [[0, 1]],
        Observable = (z, t) => [.. Means(z, t).Select(m => m / Variance)],
        ObservableParameters = s_layer,
        Latents = s_points,
        LogBaseMeasure = (x, _) => x.Sum(v => -0.5 * ((v * v / Variance) + Math.Log(2 * Math.PI * Variance))),
        Rows = s_rows,
    };

    private static double[] Precisions(double[] scales) => Array.ConvertAll(scales, s => -0.5 / (s * s));

    private static double[] Means(double[] z, double[] t) =>
        [.. Enumerable.Range(0, 3).Select(d => (t[2 * d] * z[0]) + (t[(2 * d) + 1] * z[1]) + t[6 + d])];

    private static void RequireCoefficients(CriterionPart part, params double[] expected)
    {
        Assert.IsTrue(part.Holds, $"residual {part.RelativeResidual}");
        Assert.HasCount(expected.Length, part.Coefficients);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], part.Coefficients[i], 1e-7, $"coefficient {i}");
        }
    }
}
