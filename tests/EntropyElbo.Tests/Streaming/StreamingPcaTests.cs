using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Streaming;

namespace EntropyElbo.Tests.Streaming;

[TestClass]
public sealed class StreamingPcaTests
{
    private const int Columns = 10;

    [TestMethod]
    public void Moments_AreThoseOfTheExponentialWeights()
    {
        const double memory = 99;
        double[] rows = Rows(1000, [3], 5);
        ForgettingMoments moments = new(Columns, memory);
        for (int start = 0; start < rows.Length; start += 250 * Columns)
        {
            moments.Add(rows.AsSpan(start, 250 * Columns));
        }

        double rho = 2 / (memory + 1);
        (double[] mean, double[] covariance, double effective) = Direct(rows, rho);
        Assert.AreEqual(effective, moments.EffectiveRows, 1e-9 * effective);
        Assert.AreEqual(memory, moments.EffectiveRows, 1e-3);
        for (int i = 0; i < Columns; i++)
        {
            Assert.AreEqual(mean[i], moments.Mean[i], 1e-12);
        }

        double[] actual = moments.Covariance();
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(covariance[i], actual[i], 1e-12, $"entry {i}");
        }
    }

    [TestMethod]
    public void EndlessMemory_GivesProbabilisticPcaOfAllRows()
    {
        double[] rows = Rows(25_600, [3], 6);
        StreamingPca learner = new(Columns, new StreamingPcaOptions { Memory = 1e12, ReadingRows = 25_600 });
        StreamReading? reading = null;
        learner.Add(rows, r => reading = r);

        ProbabilisticPcaModel batch = (ProbabilisticPcaModel)new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 3, Scaling = ScalingKind.None })
            .Fit(new InMemoryRows(rows, Columns)).Model;
        Assert.AreEqual(3, reading!.Latents);
        Assert.AreEqual(batch.Report.Summary.EntropySum, reading.EntropySum, 1e-6);
        Assert.AreEqual(batch.NoiseVariance, reading.NoiseVariance, 1e-8);
        LatentModel model = learner.ToModel();
        double[] expected = new double[3], found = new double[3], variances = new double[3];
        batch.Encode(rows.AsSpan(0, Columns), expected, variances);
        model.Encode(rows.AsSpan(0, Columns), found, variances);
        for (int h = 0; h < 3; h++)
        {
            Assert.AreEqual(expected[h], found[h], 1e-5);
        }
    }

    [TestMethod]
    public void HoweverCut_OrSavedBetween_TheBitsAreTheSame()
    {
        double[] rows = Rows(6000, [2, 5], 7);
        StreamingPcaOptions options = new() { Memory = 800 };
        List<StreamReading> whole = [], parts = [];
        StreamingPca one = new(Columns, options);
        one.Add(rows, whole.Add);

        StreamingPca other = new(Columns, options);
        int at = 0;
        for (int size = 1; at < 6000; size = (size * 3 % 701) + 1)
        {
            int count = Math.Min(size, 6000 - at);
            other.Add(rows.AsSpan(at * Columns, count * Columns), parts.Add);
            at += count;
            other = StreamingPcaFile.Read(other.ToRecord());
        }

        Assert.HasCount(whole.Count, parts);
        for (int i = 0; i < whole.Count; i++)
        {
            Assert.AreEqual(whole[i].Rows, parts[i].Rows);
            Assert.AreEqual(whole[i].Elbo, parts[i].Elbo);
            Assert.AreEqual(whole[i].ChangedAt, parts[i].ChangedAt);
            CollectionAssert.AreEqual(whole[i].Bic.ToArray(), parts[i].Bic.ToArray());
        }

        CollectionAssert.AreEqual(ModelFile.ToBytes(one.ToRecord()), ModelFile.ToBytes(other.ToRecord()));
    }

    [TestMethod]
    public void ChangingDimension_IsFollowedWithinThreeMemories()
    {
        const int chunk = 20_000, memory = 2_000;
        int[] dimensions = [6, 2, 4];
        for (ulong seed = 1; seed <= 5; seed++)
        {
            List<StreamReading> readings = [];
            new StreamingPca(Columns, new StreamingPcaOptions { Memory = memory }).Add(Rows(3 * chunk, dimensions, seed), readings.Add);
            foreach (StreamReading reading in readings)
            {
                long inChunk = (reading.Rows - 1) % chunk;
                if (inChunk >= 3 * memory)
                {
                    Assert.AreEqual(dimensions[(reading.Rows - 1) / chunk], reading.Latents, $"seed {seed}, row {reading.Rows}");
                }
            }

            long[] alarms = [.. readings.Where(r => r.ChangedAt is not null).Select(r => r.ChangedAt!.Value)];
            Assert.IsTrue(alarms.Any(a => a > chunk && a <= chunk + memory), $"seed {seed}: {string.Join(' ', alarms)}");
            Assert.IsTrue(alarms.Any(a => a > 2 * chunk && a <= (2 * chunk) + memory), $"seed {seed}: {string.Join(' ', alarms)}");
            Assert.IsFalse(alarms.Any(a => a <= chunk), $"seed {seed}: {string.Join(' ', alarms)}");
        }
    }

    [TestMethod]
    public void ElboOfNewRows_IsThePromiseWithinItsError()
    {
        List<StreamReading> readings = [];
        new StreamingPca(Columns, new StreamingPcaOptions { Memory = 1e12, ReadingRows = 51_200 }).Add(Rows(102_400, [4], 11), readings.Add);

        // Mean log density of rows of a D-dimensional Gaussian: variance D / 2 a row.
        double error = Math.Sqrt(Columns / 2.0 / 51_200);
        Assert.AreEqual(readings[0].EntropySum, readings[1].Elbo, 4.5 * error);
    }

    [TestMethod]
    public void BadInput_IsNamed_AndNothingIsTaken()
    {
        StreamingPca learner = new(3);
        Assert.ThrowsExactly<ArgumentException>(() => learner.Add([1, 2]));
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => learner.Add([1, 2, 3, 4, double.NaN, 6]));
        StringAssert.Contains(error.Message, "Row 2");
        StringAssert.Contains(error.Message, "column 2");
        Assert.AreEqual(0, learner.Rows);
        Assert.ThrowsExactly<InvalidOperationException>(() => learner.ToModel());
        Assert.ThrowsExactly<BadOptionException>(() => new StreamingPca(1));
        Assert.ThrowsExactly<BadOptionException>(() => new StreamingPca(3, new StreamingPcaOptions { Memory = 1 }));
        Assert.ThrowsExactly<BadOptionException>(() => new StreamingPca(3, new StreamingPcaOptions { MaxLatents = 3 }));
    }

    [TestMethod]
    public void ConstantColumns_AreFlooredAndFinite()
    {
        double[] rows = Rows(2560, [2], 3);
        for (int i = 9; i < rows.Length; i += Columns)
        {
            rows[i] = 1e6;
        }

        for (int i = 8; i < rows.Length; i += Columns)
        {
            rows[i] = rows[i - 1];
        }

        StreamReading? reading = null;
        new StreamingPca(Columns, new StreamingPcaOptions { Memory = 1000 }).Add(rows, r => reading = r);
        Assert.IsTrue(reading!.Bic.All(double.IsFinite) && reading.EntropySums.All(double.IsFinite));
    }

    private static double[] Rows(int count, int[] dimensions, ulong seed) =>
        StreamingChunks.Create(count, seed, Columns, dimensions).ReadAll().Values;

    private static (double[] Mean, double[] Covariance, double Effective) Direct(double[] rows, double rho)
    {
        int count = rows.Length / Columns;
        double[] weights = [.. Enumerable.Range(0, count).Select(i => Math.Pow(1 - rho, count - 1 - i))];
        double total = weights.Sum();
        double[] mean = new double[Columns], covariance = new double[Columns * Columns];
        for (int n = 0; n < count; n++)
        {
            for (int d = 0; d < Columns; d++)
            {
                mean[d] += weights[n] * rows[(n * Columns) + d] / total;
            }
        }

        for (int n = 0; n < count; n++)
        {
            for (int i = 0; i < covariance.Length; i++)
            {
                covariance[i] += weights[n] / total * (rows[(n * Columns) + (i / Columns)] - mean[i / Columns])
                    * (rows[(n * Columns) + (i % Columns)] - mean[i % Columns]);
            }
        }

        return (mean, covariance, total * total / weights.Sum(w => w * w));
    }
}
