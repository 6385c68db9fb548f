using EntropyElbo.Criterion;

namespace EntropyElbo.Tests.Criterion;

/// <summary>Gamma columns behind a logarithmic link: the natural parameters are (a - 1, -a e^-t), linear in no layer.</summary>
[TestClass]
public sealed class GammaCriterionTests
{
    [TestMethod]
    public void GammaDecoder_HoldsByItsShapeAndItsBiases_AndByNeitherAlone()
    {
        // beta = a - 1 on the shape and -1/a on every bias: (a - 1, -(a - 1) e^-t - e^-t) is the natural parameter.
        const double shape = 2.7;
        GenerativeParameterization model = new()
        {
            Prior = alpha => [.. alpha.Select(_ => 0.0), .. alpha.Select(a => -0.5 / a)],
            PriorParameters = [1, 1],
            Observable = (z, t) => [t[0] - 1, .. Enumerable.Range(0, 3).Select(d => -t[0] * Math.Exp(-(Math.Tanh((t[4 + d] * z[0]) + z[1]) + t[1 + d])))],
            ObservableParameters = [shape, 0.3, -0.8, 1.1, 0.7, -1.2, 0.4],
            Latents = [.. Enumerable.Range(0, 20).Select(i => new[] { Math.Sin(3 * i), Math.Cos(5 * i) })],
            Subset = [0, 1, 2, 3],
        };
        CriterionResult result = ParameterizationCriterion.Check(model);
        Assert.IsTrue(result.Holds, result.ToString());
        double[] expected = [shape - 1, -1 / shape, -1 / shape, -1 / shape];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], result.Observable.Coefficients[i], 1e-7);
        }

        Assert.IsFalse(ParameterizationCriterion.Check(model with { Subset = [0] }).Holds);
        Assert.IsFalse(ParameterizationCriterion.Check(model with { Subset = [1, 2, 3] }).Holds);
    }
}
