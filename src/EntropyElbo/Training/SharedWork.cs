using System.Collections.Concurrent;

namespace EntropyElbo.Training;

/// <summary>
/// What the fits of one study have in common: moments of the rows, references in closed form. The first fit that needs it computes it,
/// those that come meanwhile wait. What is kept is never changed.
/// </summary>
internal sealed class SharedWork
{
    private readonly ConcurrentDictionary<object, Entry> _entries = new();

    /// <summary>How often something was computed.</summary>
    public int Computed => _entries.Values.Count(e => e.Value is not null);

    /// <summary>The work of that key; where computing it fails, whoever comes next tries again.</summary>
    /// <param name="key">All that the result depends on; sources of rows by identity.</param>
    /// <param name="compute">Computes it.</param>
    public T Once<T>(object key, Func<T> compute)
        where T : class
    {
        Entry entry = _entries.GetOrAdd(key, _ => new Entry());
        lock (entry)
        {
            entry.Value ??= compute();
            return (T)entry.Value;
        }
    }

    private sealed class Entry
    {
        public object? Value { get; set; }
    }
}

/// <summary>Work of a fit that other fits of its study may have done.</summary>
internal static class SharedWorkExtensions
{
    /// <summary>The work of that key, computed where no other fit has.</summary>
    public static T Once<T>(this FitContext context, object key, Func<T> compute)
        where T : class => context.Shared is { } shared ? shared.Once(key, compute) : compute();
}
