using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Tests.Families;

/// <summary>
/// The second meter on linear decoders with a known noise variance: the optimum is in closed form, <c>W = U (L - sigma^2)^(1/2)</c> with the largest
/// eigenvalues of the covariance (Tipping and Bishop 1999, App. A), whatever sigma^2 is.
/// </summary>
[TestClass]
public sealed class PseudoEntropyTests
{
    private const int Columns = 10;
    private const int Latents = 2;
    private const double Fixed = 0.05;

    [TestMethod]
    public void FixedVariance_AtTheOptimum_TheSumOfPseudoEntropiesIsTheElbo()
    {
        InMemoryRows rows = PcaData.Create(500, 3, columns: Columns, latents: Latents);
        (double[] mean, double[] loadings) = Optimum(rows);
        ElboReport report = LinearTestData.Pca(mean, loadings, Fixed).Evaluate(rows).Summary;
        PseudoEntropyReport pseudo = report.PseudoEntropy!;
        Assert.AreEqual(MeanLogDensity(rows, mean, loadings), report.Elbo, 1e-9);
        Assert.AreEqual(report.Elbo, pseudo.EntropySum, 1e-9);
        Assert.IsLessThan(1e-9, pseudo.AbsoluteResidual);

        // The other form cannot vanish: sigma^2 is not the mean squared error.
        Assert.IsGreaterThan(1, Math.Abs(report.NoiseResidual));
    }

    [TestMethod]
    [DataRow(0.9)]
    [DataRow(1.05)]
    public void FixedVariance_BeforeTheOptimum_TheMeterIsNotZero_AndTheIdentityHolds(double factor)
    {
        InMemoryRows rows = PcaData.Create(500, 3, columns: Columns, latents: Latents);
        (double[] mean, double[] loadings) = Optimum(rows);
        ElboReport report = LinearTestData.Pca(mean, Array.ConvertAll(loadings, w => factor * w), Fixed).Evaluate(rows).Summary;
        PseudoEntropyReport pseudo = report.PseudoEntropy!;
        Assert.AreEqual(report.Elbo, pseudo.EntropySum - report.PriorResidual - pseudo.Residual, 1e-9);
        Assert.IsGreaterThan(0.05, pseudo.AbsoluteResidual);
        Assert.IsGreaterThan(0.05, Math.Abs(report.Elbo - pseudo.EntropySum));
    }

    /// <summary>
    /// VAE-0 with linear maps at that optimum, in doubles; the noise of a row is the 2 H points <c>+-sqrt(H) e_h</c>, whose means and covariances are those of
    /// N(0, I), so that expectations are exact.
    /// </summary>
    [TestMethod]
    [DataRow(1.0)]
    [DataRow(0.9)]
    public void Vae0_WithLinearMaps_IsTheSame(double factor)
    {
        InMemoryRows rows = PcaData.Create(300, 3, columns: Columns, latents: Latents);
        (double[] mean, double[] loadings) = Optimum(rows);
        loadings = Array.ConvertAll(loadings, w => factor * w);
        ElboReport expected = LinearTestData.Pca(mean, loadings, Fixed).Evaluate(rows).Summary;
        ElboReport report = Vae0(rows, LinearGaussian.WithPosterior(mean, loadings, LinearTestData.Filled(Columns, Fixed)));
        Assert.AreEqual(expected.Elbo, report.Elbo, 1e-9);
        Assert.AreEqual(expected.PseudoEntropy!.EntropySum, report.EntropySum, 1e-9);
        Assert.AreEqual(expected.PseudoEntropy.Residual, report.NoiseResidual, 1e-9);
        Assert.AreEqual(expected.PseudoEntropy.AbsoluteResidual, report.PseudoEntropy!.AbsoluteResidual, 1e-9);
        Assert.IsNull(report.Remark);
        if (factor == 1)
        {
            Assert.AreEqual(report.Elbo, report.EntropySum, 1e-9);
        }
        else
        {
            Assert.IsGreaterThan(0.05, Math.Abs(report.NoiseResidual));
        }
    }

    /// <summary>Learned variances are no part of the argument: both forms hold at the optimum of probabilistic PCA and of factor analysis, in every column.</summary>
    [TestMethod]
    public void LearnedVariances_BothFormsHold_AtTheOptimum()
    {
        InMemoryRows rows = PcaData.Create(500, 3, columns: Columns, latents: Latents);
        foreach (LatentModel model in new[]
        {
            new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = Latents }).Fit(rows).Model,
            new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = Latents }).Fit(rows).Model,
        })
        {
            ElboReport report = model.Report.Summary;
            double tolerance = model is ProbabilisticPcaModel ? 1e-9 : 1e-3;
            Assert.AreEqual(report.Elbo, report.EntropySum, tolerance, model.Family);
            Assert.AreEqual(report.Elbo, report.PseudoEntropy!.EntropySum, tolerance, model.Family);
            Assert.IsLessThan(tolerance, report.PseudoEntropy.AbsoluteResidual, model.Family);
        }
    }

    [TestMethod]
    public void Report_NamesTheWorstColumn_AndDoesNotLetPartsCancel()
    {
        PseudoEntropyReport report = new() { EntropySum = 1, DecoderEntropy = 2, BaseMeasure = 3, Residuals = [0.5, -2, 1.5] };
        Assert.AreEqual(0, report.Residual);
        Assert.AreEqual(4, report.AbsoluteResidual);
        Assert.AreEqual(1, report.Worst);
        Assert.AreEqual(report, report with { Residuals = [0.5, -2, 1.5] });
        Assert.AreNotEqual(report, report with { Residuals = [0.5, -2, 1.6] });
    }

    /// <summary>Mean of the rows and loadings for the known variance, from Jacobi's eigenvalues of the covariance.</summary>
    private static (double[] Mean, double[] Loadings) Optimum(InMemoryRows rows)
    {
        (double[] values, int count) = rows.ReadAll();
        double[] mean = [.. Enumerable.Range(0, Columns).Select(d => Enumerable.Range(0, count).Average(n => values[(n * Columns) + d]))];
        MathNet.Numerics.LinearAlgebra.Matrix<double> centred = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(
            count, Columns, (n, d) => values[(n * Columns) + d] - mean[d]);
        MathNet.Numerics.LinearAlgebra.Factorization.Evd<double> pairs = (centred.TransposeThisAndMultiply(centred) / count).Evd(
            MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric);
        double[] loadings = new double[Columns * Latents];
        for (int d = 0; d < Columns; d++)
        {
            for (int h = 0; h < Latents; h++)
            {
                int pair = Columns - 1 - h;
                loadings[(d * Latents) + h] = pairs.EigenVectors[d, pair] * Math.Sqrt(pairs.EigenValues[pair].Real - Fixed);
            }
        }

        return (mean, loadings);
    }

    private static double MeanLogDensity(InMemoryRows rows, double[] mean, double[] loadings)
    {
        (double[] values, int count) = rows.ReadAll();
        return Enumerable.Range(0, count).Average(n => LinearTestData.LogDensity(values.AsSpan(n * Columns, Columns), mean, loadings, Fixed));
    }

    private static ElboReport Vae0(InMemoryRows rows, LinearGaussian model)
    {
        VaeNetwork network = new(new VaeArchitecture(VaeVariant.FixedVariance, Columns, Latents, []));
        AlignedBuffer<double> parameters = Parameters(network, model);
        GaussianVaeObjective<double> objective = new(network);
        (double[] values, int count) = rows.ReadAll();
        VaeWorkspace<double> work = new(network, count, withGradients: false);
        ElementLoops.Load<double>(values, count, work.Rows);
        work.Encode(parameters, count);
        ElboStatistics sums = new(Latents, objective.ReportMomentCount) { Rows = count };
        objective.AddEncoderSums(parameters, work, count, new double[Latents], sums);
        double[] logLikelihoods = new double[count];
        for (int point = 0; point < 2 * Latents; point++)
        {
            for (int row = 0; row < count; row++)
            {
                work.Noise[row].Clear();
                work.Noise[row][point / 2] = Math.Sqrt(Latents) * (point % 2 == 0 ? 1 : -1);
            }

            double weight = 0.5 / Latents;
            objective.SampleLikelihood(parameters, work, count, weight, logLikelihoods, objective.Moments(sums));
            objective.Meter.Add(work.Output(count).Means, work.Rows, weight, sums.Moments.AsSpan(objective.MomentCount));
            sums.Reconstruction += weight * logLikelihoods.Sum();
        }

        return objective.Summarise(parameters, sums);
    }

    /// <summary>The decoder and the exact posterior, whose covariance is diagonal at these loadings, as networks without hidden layers.</summary>
    private static AlignedBuffer<double> Parameters(VaeNetwork network, LinearGaussian model)
    {
        AlignedBuffer<double> parameters = new(network.Layout.Length);
        Dense encoder = ((Perceptron)network.Encoder).Layers[0], decoder = ((Perceptron)network.Decoder).Layers[0];
        for (int d = 0; d < Columns; d++)
        {
            parameters[decoder.Bias.Offset + d] = model.Mean[d];
            for (int h = 0; h < Latents; h++)
            {
                double weight = model.Encoder[(h * Columns) + d];
                parameters[decoder.Weights.Offset + (h * decoder.Weights.Stride) + d] = model.Loadings[(d * Latents) + h];
                parameters[encoder.Weights.Offset + (d * encoder.Weights.Stride) + h] = weight;
                parameters[encoder.Bias.Offset + h] -= weight * model.Mean[d];
            }
        }

        for (int h = 0; h < Latents; h++)
        {
            parameters[encoder.Bias.Offset + Latents + h] = Math.Log(model.Covariance[(h * Latents) + h]);
        }

        parameters[network.LogVariance!.Tensor.Offset] = Math.Log(Fixed);
        return parameters;
    }
}
