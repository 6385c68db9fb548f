using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.LinearVae;

namespace EntropyElbo.Tests.Families.LinearVae;

[TestClass]
public sealed class LinearVaeLearnerTests
{
    private const int Columns = 10;
    private const int Batch = 10;

    public TestContext TestContext { get; set; } = null!;

    /// <summary>The streaming experiment of D sec. 4 and App. A.</summary>
    [TestMethod]
    public void EntropyBic_PicksTheIntrinsicDimensionOfEachChunk_WithATenthOfTheSpread()
    {
        const int stepsPerChunk = 6_000;
        int[] latents = [2, 4, 6];
        double[] stream = StreamingChunks.Create(3 * stepsPerChunk * Batch, seed: 4).ReadAll().Values;
        LinearVaeLearner[] learners = [.. latents.Select(h => new LinearVaeLearner(Columns, new LinearVaeOptions { Latents = h }))];
        for (int chunk = 0; chunk < 3; chunk++)
        {
            List<double>[] entropyBics = [[], [], []];
            List<double>[] elboBics = [[], [], []];
            for (int step = 0; step < stepsPerChunk; step++)
            {
                ReadOnlySpan<double> rows = stream.AsSpan(((chunk * stepsPerChunk) + step) * Batch * Columns, Batch * Columns);
                for (int model = 0; model < 3; model++)
                {
                    learners[model].Step(rows);
                    if (step >= stepsPerChunk * 3 / 4 && step % 15 == 0)
                    {
                        entropyBics[model].Add(learners[model].EntropyBic(Batch));
                        elboBics[model].Add(learners[model].Bic(learners[model].SampledElbo(rows, 100, (ulong)step), Batch));
                    }
                }
            }

            for (int i = 0; i < entropyBics[0].Count; i++)
            {
                double[] bics = [.. entropyBics.Select(b => b[i])];
                Assert.AreEqual(chunk, Array.IndexOf(bics, bics.Min()), $"chunk {chunk}, {string.Join(' ', bics)}");
            }

            for (int model = 0; model < 3; model++)
            {
                double entropySpread = Deviation(entropyBics[model]);
                double elboSpread = Deviation(elboBics[model]);
                TestContext.WriteLine($"chunk {chunk} H={latents[model]}: entropy BIC {entropyBics[model].Average():F2} +- {entropySpread:F3}, sampled {elboBics[model].Average():F2} +- {elboSpread:F3}");
                Assert.IsLessThanOrEqualTo(elboSpread / 10, entropySpread, $"chunk {chunk}, model {model}");
            }
        }
    }

    [TestMethod]
    public void Learner_ReachesTheEvidenceOfItsStream()
    {
        double[] rows = StreamingChunks.Create(80_000, seed: 2, dimensions: [3]).ReadAll().Values;
        LinearVaeLearner learner = new(Columns, new LinearVaeOptions { Latents = 3 });
        for (int start = 0; start < rows.Length; start += Batch * Columns)
        {
            learner.Step(rows.AsSpan(start, Batch * Columns));
        }

        // Three unit variances and seven of 0.01 are the stream's own: L = -1/2 (D log 2 pi e + sum log l).
        double expected = -0.5 * ((10 * Math.Log(2 * Math.PI * Math.E)) + (7 * Math.Log(0.01)));
        Assert.AreEqual(expected, learner.EntropySum, 0.2);
        Assert.AreEqual(expected, learner.Elbo(rows), 0.1);
        Assert.AreEqual(0.01, learner.NoiseVariance, 0.0005);
        Assert.HasCount(3, learner.LatentVariances);
        Assert.AreEqual(8000, learner.Steps);
        LinearVaeModel model = learner.ToModel();
        double elbo = model.Evaluate(new InMemoryRows(rows, Columns)).Summary.Elbo;
        Assert.AreEqual(learner.Elbo(rows), elbo, 1e-9);
        Assert.AreEqual(80_000, model.Training.Rows);
    }

    [TestMethod]
    public void Bic_CountsAsThePaperDoes()
    {
        LinearVaeLearner learner = new(Columns, new LinearVaeOptions { Latents = 4 });
        Assert.AreEqual((-2 * 10 * -3.5) + (41 * Math.Log(10)), learner.Bic(-3.5, 10), 1e-12);
        Assert.AreEqual(learner.Bic(learner.EntropySum, 7), learner.EntropyBic(7));
    }

    [TestMethod]
    public void SameSeed_SameSteps()
    {
        double[] rows = StreamingChunks.Create(300, seed: 2).ReadAll().Values;
        double[] Run(ulong seed)
        {
            LinearVaeLearner learner = new(Columns, new LinearVaeOptions { Latents = 3, Seed = seed });
            return [.. Enumerable.Range(0, 30).Select(i => learner.Step(rows.AsSpan(i * 100, 100)))];
        }

        CollectionAssert.AreEqual(Run(1), Run(1));
        CollectionAssert.AreNotEqual(Run(1), Run(2));
    }

    [TestMethod]
    public void BadBatches_AreRefused_AndTeachNothing()
    {
        LinearVaeLearner learner = new(Columns, new LinearVaeOptions { Latents = 3 });
        double[] rows = LinearTestData.Gaussian(1, 100);
        double before = learner.Elbo(rows);
        double[] holed = [.. rows];
        holed[37] = double.NaN;
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => learner.Step(holed));
        Assert.AreEqual(3, error.Row);
        Assert.ThrowsExactly<BadDataException>(() => learner.Step([]));
        Assert.ThrowsExactly<BadDataException>(() => learner.Step(rows.AsSpan(0, 15)));
        Assert.AreEqual(before, learner.Elbo(rows));
        Assert.AreEqual(0, learner.Steps);
        Assert.ThrowsExactly<BadOptionException>(() => new LinearVaeLearner(3, new LinearVaeOptions { Latents = 3 }));
    }

    private static double Deviation(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }
}
