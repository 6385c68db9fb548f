using EntropyElbo.Criterion;

namespace EntropyElbo.Tests.Criterion;

/// <summary>LW's examples and counter-examples, with the coefficients of its proofs where it gives them.</summary>
[TestClass]
public sealed class ParameterizationCriterionTests
{
    [TestMethod]
    public void SimpleSigmoidBeliefNet_Holds_WithTheCoefficientsOfExample1()
    {
        CriterionResult result = ParameterizationCriterion.Check(CriterionExamples.SimpleSigmoidBeliefNet());
        RequireHolds(result);

        // alpha = pi (1 - pi) zeta, zeta the logit (LW eq. 14 prints another one); beta = (v, w).
        RequireCoefficients(result.Prior, 0.3 * 0.7 * Math.Log(0.3 / 0.7));
        RequireCoefficients(result.Observable, 1.5, -0.7);
    }

    [TestMethod]
    public void SimpleSigmoidBeliefNet_AlsoHoldsWithThePrintedPriorMap()
    {
        CriterionResult result = ParameterizationCriterion.Check(
            CriterionExamples.SimpleSigmoidBeliefNet() with { Prior = psi => [Math.Log(1 / (1 - psi[0]))] });
        RequireHolds(result);
        RequireCoefficients(result.Prior, 0.7 * Math.Log(1 / 0.7));
    }

    [TestMethod]
    public void SimpleFactorAnalysis_Holds_WithTheCoefficientsOfExample2()
    {
        CriterionResult result = ParameterizationCriterion.Check(CriterionExamples.SimpleFactorAnalysis());
        RequireHolds(result);
        RequireCoefficients(result.Prior, -1.7);
        RequireCoefficients(result.Observable, -0.4, -2.5);
        Assert.IsFalse(result.Observable.IsSaturated);
        CollectionAssert.AreEqual(new[] { 2, 3 }, result.Observable.Subset.ToArray());
    }

    [TestMethod]
    public void SimpleFactorAnalysis_HoldsForTheLargerSubsetToo() =>
        RequireHolds(ParameterizationCriterion.Check(CriterionExamples.SimpleFactorAnalysis() with { Subset = null }));

    [TestMethod]
    public void RigidSigmoidBeliefNet_FailsB()
    {
        CriterionResult result = ParameterizationCriterion.Check(CriterionExamples.RigidSigmoidBeliefNet());
        Assert.IsTrue(result.Prior.Holds);
        RequireFails(result);

        // The best beta of (v, v + 1) on (1, 1) is v + 1/2, and leaves 1/2 in both.
        RequireCoefficients(result.Observable, 1.5 + 0.5);
        Assert.AreEqual(Math.Sqrt(0.5) / Math.Sqrt((1.5 * 1.5) + (2.5 * 2.5)), result.Observable.RelativeResidual, 1e-9);
    }

    [TestMethod]
    public void FactorAnalysisWithOneFixedSigma_FailsB()
    {
        GenerativeParameterization free = CriterionExamples.SimpleFactorAnalysis();
        foreach (int[] subset in new[] { new[] { 0, 1, 2 }, [0, 1, 3], [2], [3] })
        {
            CriterionResult result = ParameterizationCriterion.Check(free with { Subset = subset });
            Assert.IsTrue(result.Prior.Holds);
            RequireFails(result);
        }
    }

    [TestMethod]
    public void SigmoidBeliefNet_Holds_WithWeightsAndOffsetsAsBeta()
    {
        const int latents = 3;
        const int columns = 4;
        double[] theta = Values(5, (columns * latents) + columns);
        CriterionResult result = ParameterizationCriterion.Check(new GenerativeParameterization
        {
            Prior = pi => Array.ConvertAll(pi, p => Math.Log(p / (1 - p))),
            PriorParameters = [0.1, 0.5, 0.8],
            Observable = (z, t) => Linear(z, t, columns),
            ObservableParameters = theta,
            Latents = [.. Enumerable.Range(0, 8).Select(s => new double[] { s & 1, (s >> 1) & 1, s >> 2 })],
        });
        RequireHolds(result);
        RequireCoefficients(result.Observable, theta);
        Assert.IsFalse(result.Observable.IsSaturated);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void GaussianWithNonlinearMean_Holds_ByItsVariances(bool diagonal)
    {
        // LW Prop. 3 and 4: beta = -sigma^2 on the variances, 0 on the weights.
        double[] weights = Values(3, 12);
        double[] variances = diagonal ? [0.3, 1.2, 4] : [0.6];
        CriterionResult result = ParameterizationCriterion.Check(new GenerativeParameterization
        {
            Prior = StandardPrior,
            PriorParameters = [1.3, 0.4],
            Observable = (z, t) => Gaussian(Mean(z, t), [.. Enumerable.Range(0, 3).Select(d => t[12 + (diagonal ? d : 0)])]),
            ObservableParameters = [.. weights, .. variances],
            Latents = Points(20, 2),
            Subset = [.. Enumerable.Range(12, variances.Length)],
        });
        RequireHolds(result);
        RequireCoefficients(result.Prior, -1.3, -0.4);
        RequireCoefficients(result.Observable, Array.ConvertAll(variances, v => -v));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void VariationalAutoencoderWithFixedVariance_FailsB_WithBothNaturalParameters(bool linearOutput)
    {
        // Even a free last layer leaves the second natural parameter, -1/(2 sigma^2), out of reach; RepresentationTests have the form that holds.
        CriterionResult result = ParameterizationCriterion.Check(new GenerativeParameterization
        {
            Prior = StandardPrior,
            PriorParameters = [1, 1],
            Observable = (z, t) => Gaussian(linearOutput ? Linear(z, t, 3) : Mean(z, t), [0.5, 0.5, 0.5]),
            ObservableParameters = Values(4, linearOutput ? 9 : 12),
            Latents = Points(20, 2),
        });
        Assert.IsTrue(result.Prior.Holds);
        RequireFails(result);
        Assert.IsGreaterThan(0.1, result.Observable.RelativeResidual);
    }

    [TestMethod]
    public void Vae3WithLinearVarianceOutput_Holds()
    {
        // sigma_d^2(z) = m_d phi(z) + c_d: beta = -(m, c) on the variance's last layer, 0 elsewhere.
        double[] theta = [.. Values(6, 12), 0.2, 0.5, 0.9, 1.1, 2, 1.4];
        CriterionResult result = ParameterizationCriterion.Check(Vae3((z, t) => [.. Enumerable.Range(0, 3).Select(d => (t[12 + d] * Feature(z)) + t[15 + d])], theta));
        RequireHolds(result);
        RequireCoefficients(result.Observable, [.. theta[12..].Select(t => -t)]);
    }

    [TestMethod]
    public void Vae3WithExponentialVarianceOutput_Holds_ByItsBiases()
    {
        // sigma_d^2(z) = exp(m_d phi(z) + c_d): beta = -1 on the biases alone.
        double[] theta = [.. Values(6, 12), 0.2, -0.5, 0.9, 1.1, -2, 0.4];
        GenerativeParameterization model = Vae3((z, t) => [.. Enumerable.Range(0, 3).Select(d => Math.Exp((t[12 + d] * Feature(z)) + t[15 + d]))], theta);
        RequireHolds(ParameterizationCriterion.Check(model));
        CriterionResult biases = ParameterizationCriterion.Check(model with { Subset = [15, 16, 17] });
        RequireHolds(biases);
        RequireCoefficients(biases.Observable, -1, -1, -1);
        RequireFails(ParameterizationCriterion.Check(model with { Subset = [12, 13, 14] }));
    }

    [TestMethod]
    public void BernoulliOrPoissonDecoder_WithFreeLinearOutputLayer_Holds_AndFailsWithoutIt()
    {
        // Natural parameters (log odds, log rate) linear in the last layer: beta is that layer, 0 on what lies below.
        double[] theta = [.. Values(8, 4), .. Values(9, 9)];
        GenerativeParameterization model = new()
        {
            Prior = StandardPrior,
            PriorParameters = [1, 1],
            Observable = (z, t) => Linear([Math.Tanh((t[0] * z[0]) + (t[1] * z[1])), Math.Tanh((t[2] * z[0]) + (t[3] * z[1]))], t[4..], 3),
            ObservableParameters = theta,
            Latents = Points(20, 2),
        };
        RequireHolds(ParameterizationCriterion.Check(model));
        CriterionResult layer = ParameterizationCriterion.Check(model with { Subset = [.. Enumerable.Range(4, 9)] });
        RequireHolds(layer);
        RequireCoefficients(layer.Observable, theta[4..]);
        RequireFails(ParameterizationCriterion.Check(model with { Subset = [0, 1, 2, 3] }));
    }

    [TestMethod]
    [DataRow("gaussian")]
    [DataRow("gaussian-full")]
    [DataRow("gaussian-tied")]
    [DataRow("gaussian-spherical")]
    [DataRow("gamma")]
    [DataRow("exponential")]
    [DataRow("beta")]
    [DataRow("bernoulli")]
    [DataRow("binomial")]
    [DataRow("poisson")]
    [DataRow("categorical")]
    public void Mixtures_Hold(string family)
    {
        CriterionResult result = ParameterizationCriterion.Check(CriterionExamples.Mixture(family));
        RequireHolds(result);
        Assert.AreEqual(family is not ("gaussian-tied" or "gaussian-spherical"), result.Observable.IsSaturated);

        // alpha_i = pi_i (zeta_i - sum_j pi_j zeta_j): LW eq. 118 with its rho put right (LW eq. 116 sums the weights to 1).
        double[] pi = [0.2, 0.5];
        double[] zeta = [Math.Log(0.2 / 0.3), Math.Log(0.5 / 0.3)];
        double mean = (pi[0] * zeta[0]) + (pi[1] * zeta[1]);
        RequireCoefficients(result.Prior, pi[0] * (zeta[0] - mean), pi[1] * (zeta[1] - mean));
    }

    [TestMethod]
    public void GivenJacobians_AgreeWithDifferences_AndAreExact()
    {
        GenerativeParameterization model = CriterionExamples.SimpleFactorAnalysis();
        CriterionResult differences = ParameterizationCriterion.Check(model);
        CriterionResult given = ParameterizationCriterion.Check(model with
        {
            PriorJacobian = psi => new[,] { { 0 }, { 1 / (2 * psi[0] * psi[0]) } },
            ObservableJacobian = (z, t) => new[,]
            {
                { z[0] / t[2], 0, -t[0] * z[0] / (t[2] * t[2]), 0 },
                { 0, z[0] / t[3], 0, -t[1] * z[0] / (t[3] * t[3]) },
                { 0, 0, 1 / (2 * t[2] * t[2]), 0 },
                { 0, 0, 0, 1 / (2 * t[3] * t[3]) },
            },
        });
        RequireHolds(given);
        Assert.AreEqual(0, given.Observable.JacobianError);
        Assert.IsLessThan(1e-15, given.Observable.RelativeResidual);
        Assert.IsLessThan(1e-8, differences.Observable.JacobianError);
        RequireCoefficients(given.Observable, [.. differences.Observable.Coefficients]);
    }

    /// <summary>Sizes far from 1, and values close to the ends of their range.</summary>
    [TestMethod]
    [DataRow(1e-9)]
    [DataRow(1e9)]
    public void Units_DoNotMatter(double scale)
    {
        CriterionResult result = ParameterizationCriterion.Check(CriterionExamples.SimpleFactorAnalysis() with { ObservableParameters = [0.6, 0.8, 0.4 * scale, 2.5 * scale] });
        RequireHolds(result);
        CriterionResult edge = ParameterizationCriterion.Check(CriterionExamples.SimpleSigmoidBeliefNet() with { PriorParameters = [1 - 1e-3] });
        RequireHolds(edge);
    }

    [TestMethod]
    public void NumericalJacobian_IsExactToTenDigits_AndKeepsTheParameters()
    {
        double[] at = [0.7, -1.3, 0];
        double[] kept = [.. at];
        static double[] Map(double[] p) => [Math.Exp(p[0]) * Math.Sin(p[1]), Math.Log(p[0]) + (p[2] * p[1]), Math.Sqrt(p[0])];
        double[][] expected =
        [
            [Math.Exp(0.7) * Math.Sin(-1.3), 1 / 0.7, 0.5 / Math.Sqrt(0.7)],
            [Math.Exp(0.7) * Math.Cos(-1.3), 0, 0],
            [0, -1.3, 0],
        ];
        for (int j = 0; j < 3; j++)
        {
            (double[] column, double error) = NumericalJacobian.Column(Map, at, j, 3);
            Assert.IsLessThan(1e-9, error);
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(expected[j][i], column[i], 1e-10);
            }
        }

        CollectionAssert.AreEqual(kept, at);
    }

    [TestMethod]
    public void Words_SayWhatHolds_AndWhatIsMissed()
    {
        string holds = ParameterizationCriterion.Check(CriterionExamples.SimpleFactorAnalysis()).ToString();
        StringAssert.Contains(holds, "The parameterization criterion holds");
        StringAssert.Contains(holds, "sigma2 -2.5");
        string fails = ParameterizationCriterion.Check(CriterionExamples.RigidSigmoidBeliefNet()).ToString();
        StringAssert.Contains(fails, "does not hold");
        StringAssert.Contains(fails, "at latent point 1");
        string saturated = ParameterizationCriterion.Check(CriterionExamples.SimpleSigmoidBeliefNet() with { Latents = [[1]] }).ToString();
        StringAssert.Contains(saturated, "any map would pass");
    }

    [TestMethod]
    public void BadInput_IsNamed()
    {
        GenerativeParameterization model = CriterionExamples.SimpleSigmoidBeliefNet();
        foreach ((GenerativeParameterization bad, string option) in new[]
        {
            (model with { Latents = [] }, "latents"),
            (model with { PriorParameters = [] }, "parameters"),
            (model with { PriorParameters = [double.NaN] }, "parameters"),
            (model with { PriorParameters = [1] }, "parameters"),
            (model with { Subset = [] }, "subset"),
            (model with { Subset = [2] }, "subset"),
            (model with { Subset = [1, 1] }, "subset"),
            (model with { ObservableNames = ["v"] }, "names"),
            (model with { Observable = (z, t) => new double[1 + (int)z[0]] }, "parameters"),
            (model with { Observable = (_, _) => [] }, "parameters"),
            (model with { PriorJacobian = _ => new double[2, 1] }, "jacobian"),
            (model with { PriorJacobian = _ => new[,] { { double.NaN } } }, "jacobian"),
        })
        {
            Assert.AreEqual(option, Assert.ThrowsExactly<BadOptionException>(() => ParameterizationCriterion.Check(bad)).Option);
        }

        Assert.AreEqual("tolerance", Assert.ThrowsExactly<BadOptionException>(() => ParameterizationCriterion.Check(model, double.NaN)).Option);
        Assert.ThrowsExactly<ArgumentNullException>(() => ParameterizationCriterion.Check(null!));
    }

    private static GenerativeParameterization Vae3(Func<double[], double[], double[]> variances, double[] theta) => new()
    {
        Prior = StandardPrior,
        PriorParameters = [1, 1],
        Observable = (z, t) => Gaussian(Mean(z, t), variances(z, t)),
        ObservableParameters = theta,
        Latents = Points(25, 2),
        Subset = [.. Enumerable.Range(12, theta.Length - 12)],
    };

    /// <summary>N(0, diag alpha), with alpha as parameters: zeta = (0, -1/(2 alpha)).</summary>
    private static double[] StandardPrior(double[] alpha) => [.. alpha.Select(_ => 0.0), .. alpha.Select(a => -0.5 / a)];

    private static double[] Gaussian(double[] mean, double[] variances) =>
        [.. mean.Zip(variances, (m, v) => m / v), .. variances.Select(v => -0.5 / v)];

    /// <summary>A small network: three outputs, tanh of four weights each.</summary>
    private static double[] Mean(double[] z, double[] t) =>
        [.. Enumerable.Range(0, 3).Select(d => (t[4 * d] * Math.Tanh((t[(4 * d) + 1] * z[0]) + (t[(4 * d) + 2] * z[1]))) + t[(4 * d) + 3])];

    private static double Feature(double[] z) => Math.Exp(-0.5 * ((z[0] * z[0]) + (z[1] * z[1])));

    /// <summary>W z + mu, W first and by rows.</summary>
    private static double[] Linear(double[] z, double[] t, int columns) =>
        [.. Enumerable.Range(0, columns).Select(d => z.Select((v, h) => v * t[(d * z.Length) + h]).Sum() + t[(columns * z.Length) + d])];

    private static double[][] Points(int count, int dimension) =>
        [.. Enumerable.Range(0, count).Select(i => Values(100 + i, dimension))];

    private static double[] Values(int seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => 1.5 * Math.Sin((12.9898 * (i + 1)) + (78.233 * seed)))];

    private static void RequireHolds(CriterionResult result)
    {
        Assert.IsTrue(result.Holds, result.ToString());
        Assert.IsLessThan(1e-8, result.Prior.RelativeResidual);
        Assert.IsLessThan(1e-8, result.Observable.RelativeResidual);
    }

    private static void RequireFails(CriterionResult result)
    {
        Assert.IsFalse(result.Holds, result.ToString());
        Assert.IsFalse(result.Observable.Holds, result.ToString());
        Assert.IsGreaterThan(1e-3, result.Observable.RelativeResidual);
    }

    private static void RequireCoefficients(CriterionPart part, params double[] expected)
    {
        Assert.HasCount(expected.Length, part.Coefficients);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], part.Coefficients[i], 1e-7 * Math.Max(1, Math.Abs(expected[i])), $"coefficient {i}");
        }
    }
}
