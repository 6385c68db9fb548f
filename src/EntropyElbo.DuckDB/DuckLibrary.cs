using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace EntropyElbo.DuckDB;

/// <summary>DuckDB's native library, which is not there for every platform nor in every build.</summary>
internal static class DuckLibrary
{
    private static readonly Lazy<Exception?> Problem = new(Try);

    /// <summary>Throws where there is no library that can be used.</summary>
    /// <param name="source">What was to be read.</param>
    /// <exception cref="BadDataException">The message says what to install.</exception>
    public static void Require(string source)
    {
        if (Problem.Value is { } problem)
        {
            string runtime = RuntimeInformation.RuntimeIdentifier;
            throw new BadDataException(
                $"{source}: Parquet, JSON, queries and databases are read by DuckDB's library, which this build does not have for {runtime}; install the tool "
                + $"from the package made for this platform (EntropyElbo.Cli.{runtime}), add the package DuckDB.NET.Bindings.Full to a program of "
                + "your own, or write the rows as CSV.",
                inner: problem);
        }
    }

    private static Exception? Try()
    {
        try
        {
            return NativeMethods.Helpers.DuckDBVectorSize() > 0 ? null : throw new BadImageFormatException("DuckDB has vectors of no rows.");
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            return error;
        }
    }
}
