using System.Globalization;
using System.Runtime.InteropServices;

namespace EntropyElbo.Benchmarks;

/// <summary>scikit-learn's dictionaries of rows.</summary>
internal sealed class SparseDictionaryPeer : IDisposable
{
    private readonly PythonPeer _peer;
    private readonly string _file = Path.GetTempFileName();
    private readonly string _fields = Path.GetTempFileName();
    private readonly int _columns;
    private readonly int _rows;

    private SparseDictionaryPeer(PythonPeer peer, double[] values, int columns)
    {
        (_peer, _columns, _rows) = (peer, columns, values.Length / columns);
        File.WriteAllBytes(_file, MemoryMarshal.AsBytes(values.AsSpan()));
    }

    /// <summary>Its version.</summary>
    public string Versions => _peer.Versions;

    /// <summary>The peer, or null where there is no scikit-learn.</summary>
    public static SparseDictionaryPeer? TryStart(double[] values, int columns) =>
        PythonPeer.TryStart("dictionary_sklearn.py") is { } peer ? new SparseDictionaryPeer(peer, values, columns) : null;

    /// <summary>Learns a dictionary.</summary>
    /// <returns>The fields, seconds of learning and of coding all rows, and the mean squared error of a value; no number where nothing is coded.</returns>
    public (double[][] Fields, double Learning, double Coding, double Error) Learn(int latents, double penalty, int epochs, int threads, bool codes)
    {
        string answer = _peer.Ask(string.Create(
            CultureInfo.InvariantCulture, $"{_file}\t{_rows}\t{_columns}\t{latents}\t{penalty:R}\t{epochs}\t{threads}\t{(codes ? 1 : 0)}\t{_fields}"));
        double[] numbers = [.. answer.Split(' ').Select(w => double.Parse(w, CultureInfo.InvariantCulture))];
        double[] values = MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(_fields)).ToArray();
        return ([.. Enumerable.Range(0, latents).Select(h => values[(h * _columns)..((h + 1) * _columns)])], numbers[0], numbers[1], numbers[2]);
    }

    public void Dispose()
    {
        _peer.Dispose();
        File.Delete(_file);
        File.Delete(_fields);
    }
}
