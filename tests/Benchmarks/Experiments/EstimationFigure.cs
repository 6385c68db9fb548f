using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Reports;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>D Fig. 2 and 6: estimates of a trained model from draws of rows, and their spread.</summary>
internal sealed class EstimationFigure
{
    private const int Shown = 10;
    private readonly List<PlotPanel> _estimates = [];
    private readonly List<PlotPanel> _deviations = [];

    /// <summary>Adds a data set: for every number of rows the estimates of both kinds.</summary>
    public void Add(string data, IReadOnlyList<(int Rows, IReadOnlyList<RowEstimate> Elbos, IReadOnlyList<RowEstimate> Sums)> draws)
    {
        (double X, double Y)[] elbos = [.. draws.SelectMany(d => Points(d.Rows, d.Elbos, 0.9))];
        (double X, double Y)[] sums = [.. draws.SelectMany(d => Points(d.Rows, d.Sums, 1.1))];
        double low = elbos.Min(p => p.Y), high = elbos.Max(p => p.Y), margin = 0.05 * (high - low);
        _estimates.Add(new PlotPanel(
            data,
            PlotAxis.Logarithmic("rows of a draw", 5, 2000),
            PlotAxis.Linear("estimate, nats per row", low - margin, high + margin),
            [new("sampled ELBO", PlotColours.Blue, PlotMark.Circle, elbos), new("entropy sum", PlotColours.Orange, PlotMark.Square, sums)]));
        (double X, double Y)[] first = [.. draws.Select(d => ((double)d.Rows, AffineExperiments.Deviation(d.Elbos)))];
        (double X, double Y)[] second = [.. draws.Select(d => ((double)d.Rows, AffineExperiments.Deviation(d.Sums)))];
        _deviations.Add(new PlotPanel(
            "standard deviation over the draws",
            PlotAxis.Logarithmic("rows of a draw", 5, 2000),
            PlotAxis.Decades("nats per row", first.Concat(second).Select(p => p.Y)),
            [
                new("sampled ELBO", PlotColours.Blue, PlotMark.Line, first), new("entropy sum", PlotColours.Orange, PlotMark.Line, second),
                new(null, PlotColours.Blue, PlotMark.Circle, first), new(null, PlotColours.Orange, PlotMark.Square, second),
            ]));
    }

    public void Write(string path) => PlotFigure.Write(
        path, "Estimates of the ELBO by sampling and by the entropy sum from draws of rows, and their standard deviations", _estimates.Count, [.. _estimates, .. _deviations]);

    private static IEnumerable<(double X, double Y)> Points(int rows, IReadOnlyList<RowEstimate> estimates, double aside) =>
        estimates.Take(Shown).Select(e => (rows * aside, e.Value));
}
