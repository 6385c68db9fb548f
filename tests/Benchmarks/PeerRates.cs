using System.Globalization;

namespace EntropyElbo.Benchmarks;

/// <summary>The answers of a peer to one question, asked in turns with the own side: rates, and what it says of its threads.</summary>
/// <param name="peer">The peer; null for none.</param>
internal sealed class PeerRates(PythonPeer? peer)
{
    private readonly List<double> _rates = [];
    private string _threads = "-";

    /// <summary>NaN where there is no answer.</summary>
    public double Median => _rates.Count > 0 ? TrainingBenchmark.Median(_rates) : double.NaN;

    /// <summary>The larger median; that of the other where one has no answer.</summary>
    public static double Best(PeerRates x, PeerRates y) => double.MaxNumber(x.Median, y.Median);

    /// <summary>Asks once more; NaN is no answer.</summary>
    public void Ask(string question)
    {
        if (peer?.Ask(question).Split(' ') is not [string rate, string threads])
        {
            return;
        }

        double answer = double.Parse(rate, CultureInfo.InvariantCulture);
        if (!double.IsNaN(answer))
        {
            _rates.Add(answer);
            _threads = threads;
        }
    }

    /// <summary>Two cells of a table.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:N0} | {_threads}");
}
