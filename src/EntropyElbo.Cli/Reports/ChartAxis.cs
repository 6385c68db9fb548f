using System.Globalization;

namespace EntropyElbo.Cli.Reports;

/// <summary>
/// The value axis of a chart: linear, or linear near 0 and logarithmic beyond (so that a residual can be followed over
/// many powers of ten through a change of sign).
/// </summary>
internal sealed class ChartAxis
{
    private const int LinearTicks = 6;

    /// <summary>Values are kept within this, so that differences and ratios of them are finite.</summary>
    private const double Largest = 1e300;

    /// <summary>A range below this share of its values is a level line: ticks between would be rounding.</summary>
    private const double LeastRange = 1e-9;
    private readonly double _low;
    private readonly double _high;
    private readonly double _linearTo;

    private ChartAxis(double low, double high, double linearTo)
    {
        _linearTo = linearTo;
        _low = Transform(low);
        _high = Transform(high);
    }

    /// <summary>A linear axis from low to high.</summary>
    public static ChartAxis Linear(double low, double high)
    {
        (low, high) = (Bounded(low), Bounded(high));
        double size = Math.Max(Math.Abs(low), Math.Abs(high));
        bool hasRange = high - low > Math.Max(LeastRange * size, 1 / Largest);
        double margin = hasRange ? 0 : Math.Max(1e-6, size * 1e-3);
        return new ChartAxis(low - margin, high + margin, 0);
    }

    /// <summary>An axis around 0 that is linear up to <paramref name="linearTo"/> in size and logarithmic beyond.</summary>
    public static ChartAxis Symmetric(double low, double high, double linearTo)
    {
        double least = 2 * linearTo;
        return new ChartAxis(Math.Min(Bounded(low), -least), Math.Max(Bounded(high), least), linearTo);
    }

    /// <summary>Low end of a linear axis.</summary>
    public double Low => _low;

    /// <summary>High end of a linear axis.</summary>
    public double High => _high;

    /// <summary>Where a value stands: 0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => (Transform(value) - _low) / (_high - _low);

    /// <summary>Values to mark.</summary>
    public IEnumerable<double> Ticks() => _linearTo > 0 ? PowersOfTen() : RoundSteps();

    /// <summary>A tick's text.</summary>
    public string Label(double tick)
    {
        string text = tick.ToString(_linearTo > 0 ? "0.#####" : "G6", CultureInfo.InvariantCulture);
        bool isLong = text.Length > 8 || (tick != 0 && text == "0");
        return (isLong ? tick.ToString("G3", CultureInfo.InvariantCulture) : text).Replace('-', '\u2212');
    }

    /// <summary>What is no number stands at 0.</summary>
    private static double Bounded(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, -Largest, Largest);

    private double Transform(double value) => _linearTo > 0 ? Math.Asinh(Bounded(value / _linearTo)) : Bounded(value);

    private IEnumerable<double> RoundSteps()
    {
        double rough = (_high - _low) / LinearTicks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        double first = Math.Ceiling(_low / step);
        int count = (int)(Math.Floor(_high / step) - first) + 1;
        for (int i = 0; i < count; i++)
        {
            yield return ((first + i) * step) + 0.0; // Never a negative zero.
        }
    }

    private List<double> PowersOfTen()
    {
        List<double> ticks = [0];
        double bound = Math.Max(Math.Sinh(Math.Abs(_low)), Math.Sinh(Math.Abs(_high))) * _linearTo;
        int first = (int)Math.Ceiling(Math.Log10(2 * _linearTo)); // Nearer to 0 its label would touch this one.
        int last = (int)Math.Floor(Math.Log10(bound));
        int stride = Math.Max(1, (last - first + 3) / 4);
        for (int power = first; power <= last; power += stride)
        {
            ticks.AddRange(new[] { Math.Pow(10, power), -Math.Pow(10, power) }.Where(t => Position(t) is >= 0 and <= 1));
        }

        return ticks;
    }
}
