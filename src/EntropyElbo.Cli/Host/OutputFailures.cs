using System.CommandLine;

namespace EntropyElbo.Cli.Host;

/// <summary>What went wrong while the results of a long run were written: said at the end, when all that could be written is.</summary>
internal sealed class OutputFailures
{
    private readonly List<Exception> _failures = [];

    /// <summary>Runs one write; whether it succeeded.</summary>
    public bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception error)
        {
            Add(error);
            return false;
        }
    }

    /// <summary>Something else that went wrong, to be said with the others.</summary>
    public void Add(Exception failure) => _failures.Add(failure);

    /// <summary>
    /// Says every failure on a line of its own; the exit status of the last, or <paramref name="status"/> where there was none.
    /// </summary>
    public int Report(ParseResult parsed, ToolHost host, int status)
    {
        foreach (Exception failure in _failures)
        {
            int said = Failure.Report(failure, parsed, host);
            status = said == ExitStatus.Success ? status : said; // Success: a reader that has seen enough.
        }

        return status;
    }
}
