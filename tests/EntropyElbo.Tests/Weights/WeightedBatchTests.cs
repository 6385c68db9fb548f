using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Weights;

/// <summary>Minibatches whose rows weigh more or less than others: all batches together are the weighted mean.</summary>
[TestClass]
public sealed class WeightedBatchTests
{
    private const int Columns = 3;

    /// <summary>
    /// A hundredth of the rows, far from the others, has a third of the weight. Were every batch to count alike, they would count by the
    /// batches that they are in, about half as much.
    /// </summary>
    [TestMethod]
    [DataRow("mixture:gaussian-diagonal", "components=1;restarts=1;scale=none;epochs=60", RowCaching.Memory)]
    [DataRow("mixture:gaussian-diagonal", "components=1;restarts=1;scale=none;epochs=60", RowCaching.Stream)]
    [DataRow("sparse-coding", "latents=1;epochs=60", RowCaching.Memory)]
    public void HeavyRows_CountByTheirWeight(string family, string settings, RowCaching caching)
    {
        const int rows = 400;
        double[] values = Weighted.Noise(rows * Columns, 4), weights = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            bool isHeavy = row % 100 == 37;
            weights[row] = isHeavy ? 50 : 1;
            for (int d = 0; d < Columns && isHeavy; d++)
            {
                values[(row * Columns) + d] += 10;
            }
        }

        WeightedRows data = new(new InMemoryRows(values, Columns), weights);
        FitContext context = new() { Caching = caching, Certificate = false };
        LatentModel all = WeightedFitTests.Trainer(family, settings).Fit(data, context).Model;
        LatentModel batches = WeightedFitTests.Trainer(family, $"{settings};batch=20").Fit(data, context).Model;
        Console.WriteLine($"{all.Report.Summary.Elbo} on all rows, {batches.Report.Summary.Elbo} on batches");
        Assert.AreEqual(all.Report.Summary.Elbo, batches.Report.Summary.Elbo, 0.15);
    }

    /// <summary>The scale of gradients is a mean over rows: it does not change where all rows of a batch count thrice.</summary>
    [TestMethod]
    [DataRow(VaeVariant.VarianceNetwork)]
    [DataRow(VaeVariant.LearnedVariance)]
    [DataRow(VaeVariant.VariancePerColumn)]
    public void TheScaleOfGradients_DoesNotHangOnTheWeightOfABatch(VaeVariant variant)
    {
        const int rows = 8;
        VaeNetwork network = new(new VaeArchitecture(variant, Columns, 2, [4]));
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, 1, -3);
        GaussianVaeBlockObjective objective = new(network, VarianceUpdate.Gradient);
        using WorkerTeam team = new(1);
        BlockWorker worker = objective.CreateWorker(rows, team);
        double[] noise = Weighted.Noise(rows * Columns, 5);
        (float light, double? lightNoise) = Scale(1);
        (float heavy, double? heavyNoise) = Scale(3);
        Assert.AreEqual(light, heavy, 1e-5f * light);
        Assert.AreEqual(lightNoise!.Value, heavyNoise!.Value, 1e-5 * lightNoise.Value);
        Assert.IsLessThan(0.2f, light, "the variances are not 1, whose powers are all alike");

        (float Factor, double? Noise) Scale(float weight)
        {
            for (int i = 0; i < noise.Length; i++)
            {
                worker.Rows[i / Columns][i % Columns] = (float)noise[i];
            }

            worker.RowWeights = [.. Enumerable.Repeat(weight, rows)];
            AlignedBuffer<float> gradient = new(network.Layout.Length);
            ElboStatistics sums = new(objective.Latents, objective.MomentCount);
            worker.Gradient(parameters, gradient, rows, 1, new RandomStream(1, RandomPurpose.TrainingNoise, 1), sums);
            return (objective.PrepareUpdate(parameters, [gradient], sums), objective.NoiseVariance(parameters, sums));
        }
    }

    /// <summary>Draws of a row have its weight: they are as many rows with the same noise.</summary>
    [TestMethod]
    public void SeveralDraws_HaveTheWeightOfTheirRow()
    {
        const int rows = 3, samples = 2;
        VaeNetwork network = new(new VaeArchitecture(VaeVariant.LearnedVariance, Columns, 2, [4]));
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, 1, -1);
        using WorkerTeam team = new(1);
        double[] noise = Weighted.Noise(rows * Columns, 5);
        float[] drawn = Gradient(samples, rows, row => row), repeated = Gradient(1, rows * samples, row => row / samples);
        for (int i = 0; i < drawn.Length; i++)
        {
            Assert.AreEqual(repeated[i], drawn[i], 1e-4f * (1 + Math.Abs(repeated[i])));
        }

        float[] Gradient(int draws, int count, Func<int, int> rowOf)
        {
            BlockWorker worker = new GaussianVaeBlockObjective(network, VarianceUpdate.Gradient, draws).CreateWorker(count, team);
            worker.RowWeights = new float[count * draws];
            for (int row = 0; row < count; row++)
            {
                worker.RowWeights[row] = 0.5f + rowOf(row);
                for (int d = 0; d < Columns; d++)
                {
                    worker.Rows[row][d] = (float)noise[(rowOf(row) * Columns) + d];
                }
            }

            AlignedBuffer<float> gradient = new(network.Layout.Length);
            ElboStatistics sums = new(2, new GaussianVaeBlockObjective(network, VarianceUpdate.Gradient).MomentCount);
            worker.Gradient(parameters, gradient, count, 1, new RandomStream(1, RandomPurpose.TrainingNoise, 1), sums);
            return gradient.Span.ToArray();
        }
    }
}
