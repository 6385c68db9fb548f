using System.CommandLine;

namespace EntropyElbo.Cli.Host;

/// <summary>What the tool says and returns when something fails: one line on standard error, never a stack trace.</summary>
internal static class Failure
{
    /// <summary>Set this variable to anything to see the stack trace of an unexpected error.</summary>
    public const string TraceVariable = "ENTROPY_ELBO_TRACE";

    /// <summary>Writes the line and returns the exit status.</summary>
    public static int Report(Exception error, ParseResult parsed, ToolHost host)
    {
        while (error is AggregateException { InnerExceptions: [Exception only, ..] })
        {
            error = only;
        }

        if (OutputFile.IsClosedPipe(error))
        {
            return ExitStatus.Success; // The reader, such as head, has seen enough.
        }

        (int status, string message) = Describe(error, parsed);
        host.Error.WriteLine($"entropy-elbo: {OneLine(message)}");
        return status;
    }

    /// <summary>Text on one line, with nothing in it that is not seen.</summary>
    public static string OneLine(string text) => Shown.Line(text);

    private static (int Status, string Message) Describe(Exception error, ParseResult parsed) => error switch
    {
        OperationCanceledException => (ExitStatus.Interrupted, "interrupted; no file was written."),
        BadOptionException bad => (ExitStatus.BadInput, WithOptionName(bad, parsed)),
        EntropyElboException => (ExitStatus.BadInput, error.Message),
        IOException or UnauthorizedAccessException => (ExitStatus.BadInput, error.Message),
        OutOfMemoryException => (
            ExitStatus.BadInput,
            "there is not enough memory for what was asked; take fewer latents, components, hidden units, columns or rows, or let fit and select keep no rows (--stream)."),
        _ => (ExitStatus.BadInput, Unexpected(error)),
    };

    /// <summary>Puts the tool's option in front, where the command has one of the library's name.</summary>
    private static string WithOptionName(BadOptionException error, ParseResult parsed)
    {
        return OptionNames.Find(error.Option, parsed) is { } name ? $"{name}: {error.Message}" : error.Message;
    }

    private static string Unexpected(Exception error)
    {
        string trace = Environment.GetEnvironmentVariable(TraceVariable) is null
            ? $"set {TraceVariable}=1 to see where"
            : error.ToString();
        return $"unexpected {error.GetType().Name}: {error.Message} This is a defect; please report it ({trace}).";
    }
}
