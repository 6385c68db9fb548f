using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace EntropyElbo.Selection;

/// <summary>
/// Trials side by side: each worker takes the next that is left. Two fits of one thread each are done sooner than one after the other
/// on two threads, because nothing waits.
/// </summary>
/// <param name="workers">Trials at a time.</param>
/// <param name="budget">Time for all trials, or null.</param>
/// <param name="cancellation">Stops the trials.</param>
internal sealed class TrialPool(int workers, TimeSpan? budget, CancellationToken cancellation)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Time since the pool was made.</summary>
    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Does trials until all are done or the time is up.</summary>
    /// <param name="plans">The trials.</param>
    /// <param name="run">Does one; on any thread.</param>
    /// <param name="record">Takes what came of one; one call at a time.</param>
    /// <returns>Whether all were done.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; what had come till then was recorded.</exception>
    public bool Run(
        IReadOnlyList<TrialPlan> plans,
        Func<TrialPlan, TimeSpan?, CancellationToken, TrialOutcome> run,
        Action<TrialOutcome> record)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Work work = new(plans, run, record, stop, this);
        Thread[] others = [.. Enumerable.Range(1, Math.Clamp(plans.Count, 1, workers) - 1).Select(
            i => new Thread(work.Run) { IsBackground = true, Name = $"EntropyElbo trial worker {i}" })];
        foreach (Thread other in others)
        {
            other.Start();
        }

        work.Run();
        foreach (Thread other in others)
        {
            other.Join();
        }

        if (work.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        cancellation.ThrowIfCancellationRequested();
        return work.Taken == plans.Count;
    }

    private TimeSpan? Left => budget - _watch.Elapsed;

    /// <summary>The trials of one call, and what stopped them.</summary>
    private sealed class Work(
        IReadOnlyList<TrialPlan> plans,
        Func<TrialPlan, TimeSpan?, CancellationToken, TrialOutcome> run,
        Action<TrialOutcome> record,
        CancellationTokenSource stop,
        TrialPool pool)
    {
        private readonly Lock _gate = new();

        public int Taken { get; private set; }

        /// <summary>What a trial threw that is no failure of the candidate; a cancellation gives way to any other.</summary>
        public Exception? Failure { get; private set; }

        public void Run()
        {
            try
            {
                while (Next(out TimeSpan? left) is { } plan)
                {
                    Record(run(plan, left, stop.Token));
                }
            }
            catch (Exception error)
            {
                lock (_gate)
                {
                    Failure = Failure is null or OperationCanceledException ? error : Failure;
                }

                stop.Cancel();
            }
        }

        private TrialPlan? Next(out TimeSpan? left)
        {
            lock (_gate)
            {
                left = pool.Left;
                return Taken == plans.Count || stop.IsCancellationRequested || left <= TimeSpan.Zero ? null : plans[Taken++];
            }
        }

        private void Record(TrialOutcome outcome)
        {
            lock (_gate)
            {
                stop.Token.ThrowIfCancellationRequested();
                record(outcome);
            }
        }
    }
}
