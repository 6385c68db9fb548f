using System.Globalization;
using EntropyElbo.Cli.Reports;

namespace EntropyElbo.Benchmarks.Charts;

/// <summary>One axis of a panel, linear or logarithmic.</summary>
internal sealed class PlotAxis
{
    private readonly ChartAxis _axis;
    private readonly double _low;
    private readonly double _high;
    private readonly bool _isLogarithmic;

    private PlotAxis(string title, double low, double high, bool isLogarithmic)
    {
        (Title, _low, _high, _isLogarithmic) = (title, low, high, isLogarithmic);
        _axis = ChartAxis.Linear(Transform(low), Transform(high));
    }

    public string Title { get; }

    public static PlotAxis Linear(string title, double low, double high) => new(title, low, high, false);

    /// <summary>A logarithmic axis.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="low">Its low end, above 0.</param>
    /// <param name="high">Its high end.</param>
    public static PlotAxis Logarithmic(string title, double low, double high) => new(title, low, high, true);

    /// <summary>A logarithmic axis from the power of ten below the least positive value to that above the largest.</summary>
    public static PlotAxis Decades(string title, IEnumerable<double> values)
    {
        double[] positive = [.. values.Where(v => v > 0 && double.IsFinite(v))];
        return Logarithmic(title, Math.Pow(10, Math.Floor(Math.Log10(positive.Min()))), Math.Pow(10, Math.Ceiling(Math.Log10(positive.Max()))));
    }

    /// <summary>Whether a value has a place on the axis.</summary>
    public bool Holds(double value) => value >= _low && value <= _high;

    /// <summary>Where a value stands: 0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => _axis.Position(Transform(value));

    /// <summary>Values to mark, with their texts.</summary>
    public IEnumerable<(double Value, string Text)> Ticks() => _isLogarithmic
        ? Enumerable.Range((int)Math.Ceiling(Math.Log10(_low) - 1e-9), 40).Select(p => Math.Pow(10, p)).TakeWhile(v => v <= _high * 1.0001)
            .Select(v => (v, v.ToString(v < 1e-4 ? "0E0" : "G4", CultureInfo.InvariantCulture)))
        : _axis.Ticks().Select(t => (t, _axis.Label(t)));

    private double Transform(double value) => _isLogarithmic ? Math.Log10(value) : value;
}
