using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed class OrderedBlocksTests
{
    private const int Workers = 4;

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(64)]
    [DataRow(1001)]
    public void EveryRowIsMergedOnce_InOrder_ByTeamPoolAndOneThread(int rows)
    {
        foreach (int threads in new[] { 1, 2, Workers })
        {
            Log pool = new(rows), team = new(rows);
            Assert.IsTrue(OrderedBlocks.Run(pool, threads, default));
            using WorkerTeam members = new(threads);
            Assert.IsTrue(OrderedBlocks.Run(team, members, default));
            CollectionAssert.AreEqual(Enumerable.Range(0, rows).ToArray(), pool.Merged);
            CollectionAssert.AreEqual(pool.Merged, team.Merged);
        }
    }

    /// <summary>The first block takes longest: all others wait for it, asleep in the end.</summary>
    [TestMethod]
    public void BlocksWaitForASlowOne()
    {
        Log log = new(200) { BeforeCompute = place => Thread.Sleep(place.Block % 16 == 0 ? 20 : 0) };
        Assert.IsTrue(OrderedBlocks.Run(log, Workers, default));
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).ToArray(), log.Merged);
    }

    [TestMethod]
    public void OfSeveralFailures_TheFirstBlocksIsThrown_AndWhatCameBeforeIsMerged()
    {
        for (int round = 0; round < 20; round++)
        {
            Log log = new(300)
            {
                BeforeCompute = place =>
                {
                    if (place.Block >= 5)
                    {
                        Thread.Sleep(place.Block == 5 ? 2 : 0);
                        throw new InvalidDataException($"block {place.Block}");
                    }
                },
            };
            Assert.AreEqual("block 5", Assert.ThrowsExactly<InvalidDataException>(() => OrderedBlocks.Run(log, Workers, default)).Message);
            CollectionAssert.AreEqual(Enumerable.Range(0, 5 * Log.BlockRows).ToArray(), log.Merged);
        }
    }

    [TestMethod]
    public void AFailureWhileTaking_EndsThePass_AfterTheBlocksBefore()
    {
        Log log = new(300) { BeforeTake = first => _ = first == 9 * Log.BlockRows ? throw new InvalidDataException("unreadable") : 0 };
        Assert.AreEqual("unreadable", Assert.ThrowsExactly<InvalidDataException>(() => OrderedBlocks.Run(log, Workers, default)).Message);
        CollectionAssert.AreEqual(Enumerable.Range(0, 9 * Log.BlockRows).ToArray(), log.Merged);
    }

    [TestMethod]
    public void ACancelledPass_SaysSo_AndHasMergedWholeBlocksInOrder()
    {
        using CancellationTokenSource source = new();
        Log log = new(100_000) { BeforeTake = first => { if (first == 50 * Log.BlockRows) { source.Cancel(); } } };
        Assert.IsFalse(OrderedBlocks.Run(log, Workers, source.Token));
        Assert.IsGreaterThanOrEqualTo(50 * Log.BlockRows, log.Merged.Count);
        Assert.IsLessThan(100_000, log.Merged.Count);
        CollectionAssert.AreEqual(Enumerable.Range(0, log.Merged.Count).ToArray(), log.Merged);
    }

    [TestMethod]
    public void ABlockAllocatesNothing()
    {
        Counter few = new(10), many = new(100_000);
        OrderedBlocks.Run(few, 1, default);
        long before = GC.GetAllocatedBytesForCurrentThread();
        OrderedBlocks.Run(few, 1, default);
        long small = GC.GetAllocatedBytesForCurrentThread() - before;
        before = GC.GetAllocatedBytesForCurrentThread();
        OrderedBlocks.Run(many, 1, default);
        Assert.AreEqual(small, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void InTurn_GivesEveryBlock_OrStops()
    {
        List<(long, int)> places = [];
        Assert.IsTrue(OrderedBlocks.InTurn(10, 4, (first, count) => places.Add((first, count)), default));
        CollectionAssert.AreEqual(new[] { (0L, 4), (4L, 4), (8L, 2) }, places);
        Assert.IsFalse(OrderedBlocks.InTurn(10, 4, (_, _) => { }, new CancellationToken(true)));
    }

    /// <summary>Keeps the numbers of the rows in the order in which they are merged.</summary>
    private sealed class Log(int rows) : IBlockWork
    {
        public const int BlockRows = 3;
        private readonly List<int>[] _workspaces = [.. Enumerable.Range(0, Workers).Select(_ => new List<int>())];
        private int _merging;

        public List<int> Merged { get; } = [];

        public Action<long>? BeforeTake { get; init; }

        public Action<BlockPlace>? BeforeCompute { get; init; }

        public int Take(long firstRow, int worker)
        {
            BeforeTake?.Invoke(firstRow);
            return BlockPlace.RowsAt(firstRow, rows, BlockRows);
        }

        public void Compute(BlockPlace place)
        {
            BeforeCompute?.Invoke(place);
            _workspaces[place.Worker].Clear();
            _workspaces[place.Worker].AddRange(Enumerable.Range((int)place.FirstRow, place.Count));
        }

        public void Merge(BlockPlace place)
        {
            Assert.AreEqual(1, Interlocked.Increment(ref _merging), "one at a time");
            Merged.AddRange(_workspaces[place.Worker]);
            Interlocked.Decrement(ref _merging);
        }
    }

    private sealed class Counter(int rows) : IBlockWork
    {
        public int Take(long firstRow, int worker) => BlockPlace.RowsAt(firstRow, rows, 2);

        public void Compute(BlockPlace place)
        {
        }

        public void Merge(BlockPlace place)
        {
        }
    }
}
