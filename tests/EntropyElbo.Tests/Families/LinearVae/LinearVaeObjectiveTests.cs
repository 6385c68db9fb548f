using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.LinearVae;

[TestClass]
public sealed class LinearVaeObjectiveTests
{
    private const int Columns = 6;
    private const int Latents = 3;
    private static readonly double[] Rows = [.. LinearTestData.Gaussian(3, 40 * Columns, 1.7).Select((v, i) => v + (i % Columns))];

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.25)]
    public void Gradient_IsThatOfFiniteDifferences(double floor)
    {
        LinearVaeParameters parameters = new(Columns, Latents, floor);
        LinearVaeObjective objective = new(parameters, Batch());
        AssertGradient(objective, LinearTestData.Gaussian(8, parameters.Length, 0.5));
    }

    /// <summary>With the encoder at its optimum for the decoder, where its share of the gradient vanishes.</summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void Gradient_ByTheDecoderAlone_IsThatOfFiniteDifferences(int latents)
    {
        using LinearVaeProblem problem = new(new CovarianceSpread(Moments()), latents, 0.01, ComputeEngine.Cpu);
        AssertGradient(problem, LinearTestData.Gaussian(8, problem.Dimension, 0.5));
    }

    [TestMethod]
    public void Value_IsTheElboOfTheModel_AndThePartsAreItsReports()
    {
        LinearVaeParameters parameters = new(Columns, Latents, 0.1);
        double[] point = LinearTestData.Gaussian(9, parameters.Length, 0.5);
        LinearVaeModel model = new(parameters.ToLinearGaussian(point), LinearTestData.Header(Columns));
        ElboReport report = model.Evaluate(new InMemoryRows(Rows, Columns)).Summary;
        foreach (LinearVaeStatistics statistics in new LinearVaeStatistics[] { Batch(), new CovarianceStatistics(Moments()) })
        {
            LinearVaeObjective objective = new(parameters, statistics);
            double value = objective.Evaluate(point, new double[point.Length]);
            Assert.AreEqual(report.Elbo, -value, 1e-12 * Math.Abs(value));
            Assert.AreEqual(report.Elbo, objective.Values.Elbo, 1e-12 * Math.Abs(value));
            Assert.AreEqual(report.EntropySum, objective.Values.EntropySum, 1e-12 * Math.Abs(value));
            Assert.AreEqual(report.PriorResidual, objective.Values.PriorResidual, 1e-12 * Math.Abs(value));
            Assert.AreEqual(report.NoiseResidual, objective.Values.NoiseResidual, 1e-12 * Math.Abs(value));
        }
    }

    [TestMethod]
    public void SampledElbo_AgreesWithinItsError()
    {
        LinearVaeParameters parameters = new(Columns, Latents, 0);
        LinearGaussian model = parameters.ToLinearGaussian(LinearTestData.Gaussian(9, parameters.Length, 0.5));
        double[] elbos = new double[40];
        new LinearVaeModel(model, LinearTestData.Header(Columns)).RowElbo(Rows, elbos);
        double[] draws = [.. Enumerable.Range(1, 20).Select(seed =>
            LinearVaeSampling.Elbo(model, Rows, 200, new RandomStream((ulong)seed, RandomPurpose.EvaluationNoise)))];
        double mean = draws.Average();
        double error = Math.Sqrt(draws.Sum(d => (d - mean) * (d - mean)) / 19 / 20);
        Assert.IsGreaterThan(0, error);
        Assert.IsLessThan(4 * error, Math.Abs(elbos.Average() - mean));
    }

    /// <summary>The best encoder is the posterior, so the ELBO is the log-likelihood, whatever the decoder.</summary>
    [TestMethod]
    public void Problem_IsTheLogLikelihoodOfItsDecoder()
    {
        using LinearVaeProblem problem = new(new CovarianceSpread(Moments()), Latents, 1e-10, ComputeEngine.Cpu);
        double[] point = LinearTestData.Gaussian(4, problem.Dimension, 0.7);
        double[] gradient = new double[point.Length];
        problem.Evaluate(point, gradient);
        LinearGaussian model = problem.ToLinearGaussian(point);
        double expected = 0;
        for (int row = 0; row < 40; row++)
        {
            expected += LinearTestData.LogDensity(Rows.AsSpan(row * Columns, Columns), model.Mean, model.Loadings, model.NoiseVariances[0]) / 40;
        }

        Assert.AreEqual(expected, problem.Values.Elbo, 1e-10 * Math.Abs(expected));
        ElboReport report = new LinearVaeModel(model, LinearTestData.Header(Columns)).Evaluate(new InMemoryRows(Rows, Columns)).Summary;
        Assert.AreEqual(expected, report.Elbo, 1e-10 * Math.Abs(expected));
        Assert.AreEqual(report.EntropySum, problem.Values.EntropySum, 1e-10 * Math.Abs(expected));
    }

    private static BatchStatistics Batch()
    {
        BatchStatistics batch = new(Columns, Latents);
        batch.Load(LinearTestData.Gaussian(77, 90 * Columns));
        batch.Load(Rows);
        return batch;
    }

    private static RowMoments Moments()
    {
        RowMoments moments = new(Columns);
        moments.Add(Rows);
        return moments;
    }

    private static void AssertGradient(IDifferentiable function, double[] point)
    {
        double[] gradient = new double[point.Length];
        double[] unused = new double[point.Length];
        Array.Fill(gradient, double.NaN);
        function.Evaluate(point, gradient);
        for (int i = 0; i < point.Length; i++)
        {
            double Difference(double step)
            {
                double[] moved = [.. point];
                moved[i] = point[i] + step;
                double up = function.Evaluate(moved, unused);
                moved[i] = point[i] - step;
                return (up - function.Evaluate(moved, unused)) / (2 * step);
            }

            double slope = ((4 * Difference(5e-4)) - Difference(1e-3)) / 3;
            Assert.AreEqual(slope, gradient[i], 1e-7 * Math.Max(1, Math.Abs(slope)), $"variable {i}");
        }
    }
}
