namespace EntropyElbo.Cli.Host;

/// <summary>
/// A course of figures as a few characters. However long it grows, it keeps a bounded number of means over equal stretches, so the line
/// always shows the whole course.
/// </summary>
internal sealed class Sparkline
{
    /// <summary>Characters of the line at most.</summary>
    public const int Width = 16;

    private const string Blocks = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private const string Plain = "_.-~=*^#";
    private readonly Lock _gate = new();
    private readonly double[] _sums = new double[Width];
    private long _stretch = 1;
    private long _count;

    /// <summary>Adds a figure; one that is not finite has no height and is left out.</summary>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        lock (_gate)
        {
            if (_count == _stretch * Width)
            {
                Halve();
            }

            _sums[(int)(_count / _stretch)] += value;
            _count++;
        }
    }

    /// <summary>The line, from the lowest mark at the least mean to the highest at the largest; empty before the second figure.</summary>
    /// <param name="unicode">Whether the terminal shows block elements; else the marks are ASCII.</param>
    public string Text(bool unicode)
    {
        lock (_gate)
        {
            string marks = unicode ? Blocks : Plain;
            int used = (int)((_count + _stretch - 1) / _stretch);
            if (used < 2)
            {
                return "";
            }

            double[] means = [.. Enumerable.Range(0, used).Select(Mean)];
            double least = means.Min(), range = means.Max() - least;
            return string.Concat(means.Select(m => marks[range > 0 ? (int)Math.Round((m - least) / range * (marks.Length - 1)) : 0]));
        }
    }

    private double Mean(int stretch) => _sums[stretch] / Math.Min(_stretch, _count - (stretch * _stretch));

    /// <summary>Two stretches become one.</summary>
    private void Halve()
    {
        for (int i = 0; i < Width / 2; i++)
        {
            _sums[i] = _sums[2 * i] + _sums[(2 * i) + 1];
        }

        Array.Clear(_sums, Width / 2, Width / 2);
        _stretch *= 2;
    }
}
