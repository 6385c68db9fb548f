using System.Globalization;
using EntropyElbo.Benchmarks.Charts;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>
/// What a page of tables of `calibration` comes to: gains expected and really had as a scatter, and by pair the median ratio from a tenth of training on.
/// </summary>
internal static class CalibrationFigure
{
    private const double Least = 1e-3;
    private const double Most = 500;
    private const int ExpectedCell = 7;
    private const int RealCell = 9;
    private const int Cells = 12;

    private sealed record Stop(string Pair, double Epochs, double Expected, double Real);

    public static void Run(TextWriter output, string tables, string picture)
    {
        Stop[] stops = [.. File.ReadLines(tables).Select(Read).OfType<Stop>()];
        IGrouping<string, Stop>[] pairs = [.. stops.GroupBy(s => s.Pair)];
        output.WriteLine("| data, model | stops from a tenth of training on | median of expected / real | least, largest | real gain at the last of them |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (IGrouping<string, Stop> pair in pairs)
        {
            double tenth = pair.Max(s => s.Epochs) / 10;
            Stop[] late = [.. pair.Where(s => s.Epochs >= tenth)];
            double[] ratios = [.. late.Select(s => s.Expected / s.Real).Order()];
            double median = 0.5 * (ratios[(ratios.Length - 1) / 2] + ratios[ratios.Length / 2]);
            output.WriteLine(Text($"| {pair.Key} | {string.Join(", ", late.Select(s => s.Epochs))} | {median:G2} | {ratios[0]:G2}, {ratios[^1]:G2} | {late[^1].Real:G2} |"));
        }

        PlotSeries[] series = [.. pairs.Select((pair, i) =>
        {
            (string colour, PlotMark mark) = PlotColours.Nth(i);
            return new PlotSeries(pair.Key, colour, mark, [.. pair.Select(s => (Math.Max(Least, s.Real), Math.Max(Least, s.Expected)))]);
        })];
        PlotFigure.Write(picture, "Gain that the certificate expects against the gain of ten times the training, by data set and family, both axes logarithmic", 1, [
            new PlotPanel(
                "Expected gain and real gain, nats per row",
                PlotAxis.Logarithmic("ten times the training really gained", Least, Most),
                PlotAxis.Logarithmic("expected", Least, Most),
                series)
            {
                Width = 640,
                Height = 560,
                Rules =
                [
                    new((Least, Least), (Most, Most)),
                    new((Least, 3 * Least), (Most / 3, Most), "3 times") { Aside = (-22, 16) },
                    new((3 * Least, Least), (Most, Most / 3), "a third") { Aside = (-4, 40) },
                ],
            },
        ]);
    }

    /// <summary>A line of a pair's table, or null. Settled fits are no stop of the course, and tables of other estimates are shorter.</summary>
    private static Stop? Read(string line)
    {
        string[] cells = [.. line.Split('|', StringSplitOptions.TrimEntries).Skip(1)];
        return cells.Length > Cells && double.TryParse(cells[1], CultureInfo.InvariantCulture, out double epochs)
            ? new Stop(cells[0], epochs, Number(cells[ExpectedCell]), Number(cells[RealCell]))
            : null;
    }

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
