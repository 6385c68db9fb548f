using System.Numerics;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Training;

[TestClass]
public sealed class TrainingTests
{
    [TestMethod]
    public void WorkerTeam_RunsEveryMemberOnceAPhase_ForManyPhases()
    {
        using WorkerTeam team = new(3);
        int[] counts = new int[3];
        for (int phase = 0; phase < 20_000; phase++)
        {
            team.Run(member => counts[member]++);
            if (phase % 5000 == 0)
            {
                Thread.Sleep(30);
            }
        }

        CollectionAssert.AreEqual(new[] { 20_000, 20_000, 20_000 }, counts);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void WorkerTeam_RunsEveryItemOnce_OnNoMoreMembersThanItems(int members)
    {
        using WorkerTeam team = new(members);
        foreach (int items in new[] { 0, 1, 2, 3, 50 })
        {
            int[] counts = new int[items];
            int highest = -1;
            for (int phase = 0; phase < 500; phase++)
            {
                team.ForEach(items, (member, item) =>
                {
                    Interlocked.Increment(ref counts[item]);
                    InterlockedMax(ref highest, member);
                });
            }

            Assert.IsTrue(counts.All(c => c == 500));
            Assert.IsLessThan(Math.Min(members, Math.Max(1, items)), highest);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    [TestMethod]
    public void WorkerTeam_PassesOnAFailure_AndGoesOn()
    {
        using WorkerTeam team = new(2);
        Assert.ThrowsExactly<InvalidOperationException>(() => team.Run(member =>
        {
            if (member == 1)
            {
                throw new InvalidOperationException("phase failed");
            }
        }));
        int ran = 0;
        team.Run(_ => Interlocked.Increment(ref ran));
        Assert.AreEqual(2, ran);
    }

    [TestMethod]
    public void Adam_FollowsTheAlgorithmAsPublished()
    {
        FollowAdam<float>(32, 1e-5);
        FollowAdam<double>(29, 1e-14);
    }

    private static void FollowAdam<T>(int length, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AlignedBuffer<T> parameters = new(length);
        AlignedBuffer<T> first = new(length);
        AlignedBuffer<T> second = new(length);
        Adam<T> adam = new(length, [T.One, T.CreateChecked(3)]);
        double m = 0, v = 0, w = 0.5, wFast = 0.5;
        parameters.Span.Fill(T.CreateChecked(0.5));
        RandomStream random = new(1, RandomPurpose.Generation);
        for (int step = 1; step <= 50; step++)
        {
            double a = random.NextGaussian();
            double b = random.NextGaussian();
            first.Span.Fill(T.CreateChecked(a));
            second.Span.Fill(T.CreateChecked(b));
            adam.BeginStep(0.01);
            adam.Apply(parameters, [first, second], T.CreateChecked(0.25), 0, length);

            // Kingma and Ba 2015, Algorithm 1, in doubles.
            double g = 0.25 * (a + b);
            m = (0.9 * m) + (0.1 * g);
            v = (0.999 * v) + (0.001 * g * g);
            double update = 0.01 * (m / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, step))) + 1e-8);
            w -= update;
            wFast -= 3 * update;
        }

        for (int i = 0; i < length; i++)
        {
            Assert.AreEqual(i < 16 ? w : wFast, double.CreateChecked(parameters[i]), i < 16 ? tolerance : 3 * tolerance, $"entry {i}");
        }
    }

    [TestMethod]
    public void KlSchedules_HaveTheirShapes()
    {
        KlSchedule warm = new() { Kind = KlScheduleKind.WarmUp, StartWeight = 0.1, Weight = 1, Epochs = 10 };
        Assert.AreEqual(0.1, warm.At(0), 1e-12);
        Assert.AreEqual(0.55, warm.At(5), 1e-12);
        Assert.AreEqual(1, warm.At(10), 1e-12);
        Assert.AreEqual(1, warm.At(1000), 1e-12);
        KlSchedule cyclical = new() { Kind = KlScheduleKind.Cyclical, Weight = 2, Epochs = 8, Cycles = 2 };
        Assert.AreEqual(0, cyclical.At(0), 1e-12);
        Assert.AreEqual(1, cyclical.At(2), 1e-12);
        Assert.AreEqual(2, cyclical.At(4), 1e-12);
        Assert.AreEqual(2, cyclical.At(7.9), 1e-12);
        Assert.AreEqual(0, cyclical.At(8), 1e-12);
        Assert.AreEqual(2, cyclical.At(16), 1e-12);
        Assert.AreEqual(1, KlSchedule.None.At(3), 1e-12);
    }

    [TestMethod]
    public void Stationarity_NeedsSmallResidualsAndALevelElbo()
    {
        FitProgress At(double elbo, double prior, double noise) => new()
        {
            Epoch = 1,
            Epochs = 1,
            Elbo = elbo,
            EntropySum = 0,
            PriorResidual = prior,
            NoiseResidual = noise,
            Collapsed = 0,
            Elapsed = TimeSpan.Zero,
            RowsPerSecond = 0,
        };
        FitProgress[] level = [.. Enumerable.Repeat(At(100, 0.01, -0.01), 20)];
        FitProgress[] residual = [.. Enumerable.Repeat(At(100, 0.01, -1), 20)];
        FitProgress[] rising = [.. Enumerable.Range(0, 20).Select(i => At(100 + i, 0, 0))];
        Assert.IsTrue(StationarityRule.IsStationary(level, 0, 10, 1e-3));
        Assert.IsFalse(StationarityRule.IsStationary(residual, 0, 10, 1e-3));
        Assert.IsFalse(StationarityRule.IsStationary(rising, 0, 10, 1e-3));
        Assert.IsFalse(StationarityRule.IsStationary(level, 1, 10, 1e-3));
        Assert.IsFalse(StationarityRule.IsStationary(level, 0, 10, 0));
        Assert.AreEqual(50, StationarityRule.Window(10));
        Assert.AreEqual(5, StationarityRule.Window(1000));
    }
}
