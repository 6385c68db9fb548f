using System.Numerics;
using System.Runtime.InteropServices;

namespace EntropyElbo.DuckDB;

/// <summary>A number that tells apart passes whose values or whose order differ, however the rows were cut into blocks.</summary>
internal sealed class PassDigest
{
    private const ulong Odd = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>The number of all values so far.</summary>
    public ulong Value => _state;

    /// <summary>Goes on with values.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        ulong state = _state;
        foreach (ulong bits in MemoryMarshal.Cast<double, ulong>(values))
        {
            state = BitOperations.RotateLeft((state ^ bits) * Odd, 29);
        }

        _state = state;
    }
}
