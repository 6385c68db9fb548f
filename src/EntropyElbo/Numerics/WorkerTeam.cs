namespace EntropyElbo.Numerics;

/// <summary>
/// Threads that live as long as a fit and run the phases of each step together. The caller is member 0. Waiting spins
/// for a while before it sleeps, since phases follow one another within microseconds.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    /// <summary>Turns of about a third of a microsecond before a waiting member sleeps; none when members outnumber cores.</summary>
    private readonly int _spins;

    private readonly Thread[] _threads;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim[] _wake;
    private readonly ManualResetEventSlim _done = new(false);
    private readonly Action<int> _takeItems;
    private Action<int>? _work;
    private Action<int, int>? _itemWork;
    private int _items;
    private int _nextItem;
    private Exception? _failure;
    private int _generation;
    private int _pending;
    private int _sleepers;
    private volatile bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="members">Members, the caller included.</param>
    public WorkerTeam(int members)
    {
        _takeItems = TakeItems;
        _spins = members <= Environment.ProcessorCount ? 150 : 0;
        _threads = new Thread[members - 1];
        _wake = new SemaphoreSlim[members - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int member = i + 1;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Serve(member)) { IsBackground = true, Name = $"EntropyElbo worker {member}" };
            _threads[i].Start();
        }
    }

    public int Members => _threads.Length + 1;

    /// <summary>Runs <paramref name="work"/> once on every member; returns when all are done.</summary>
    public void Run(Action<int> work)
    {
        if (_threads.Length == 0)
        {
            work(0);
            return;
        }

        _work = work;
        Volatile.Write(ref _pending, _threads.Length);
        Interlocked.Increment(ref _generation);
        WakeSleepers();
        try
        {
            work(0);
        }
        finally
        {
            WaitForOthers();
        }

        if (_failure is { } failure)
        {
            _failure = null;
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/>, which gets member and item, once for every item; members below the number of items take items
    /// as they come.
    /// </summary>
    public void ForEach(int items, Action<int, int> work)
    {
        _itemWork = work;
        _items = items;
        _nextItem = 0;
        Run(_takeItems);
    }

    private void TakeItems(int member)
    {
        for (int item = member < _items ? Interlocked.Increment(ref _nextItem) - 1 : _items; item < _items; item = Interlocked.Increment(ref _nextItem) - 1)
        {
            _itemWork!(member, item);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        Interlocked.Increment(ref _generation);
        WakeSleepers();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach (SemaphoreSlim wake in _wake)
        {
            wake.Dispose();
        }

        _done.Dispose();
    }

    private void WakeSleepers()
    {
        if (Volatile.Read(ref _sleepers) == 0)
        {
            return;
        }

        foreach (SemaphoreSlim wake in _wake)
        {
            wake.Release();
        }
    }

    private void WaitForOthers()
    {
        for (int i = 0; i < _spins; i++)
        {
            if (Volatile.Read(ref _pending) == 0)
            {
                return;
            }

            Thread.SpinWait(10);
        }

        while (Volatile.Read(ref _pending) != 0)
        {
            // The event may be a late one of an earlier phase; the count decides.
            _done.Wait();
            _done.Reset();
        }
    }

    private void Serve(int member)
    {
        int seen = 0;
        while (true)
        {
            WaitForWork(member, seen);
            seen++;
            if (_stopping)
            {
                return;
            }

            try
            {
                _work!(member);
            }
            catch (Exception failure)
            {
                lock (_gate)
                {
                    _failure ??= failure;
                }
            }

            if (Interlocked.Decrement(ref _pending) == 0)
            {
                _done.Set();
            }
        }
    }

    private void WaitForWork(int member, int seen)
    {
        for (int i = 0; i < _spins; i++)
        {
            if (Volatile.Read(ref _generation) != seen)
            {
                return;
            }

            Thread.SpinWait(10);
        }

        Interlocked.Increment(ref _sleepers);
        while (Volatile.Read(ref _generation) == seen)
        {
            // A stale release only costs another turn of this loop.
            _wake[member - 1].Wait();
        }

        Interlocked.Decrement(ref _sleepers);
    }
}
