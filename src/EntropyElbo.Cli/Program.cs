using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using EntropyElbo.Cli.Commands;
using EntropyElbo.Cli.Host;

namespace EntropyElbo.Cli;

/// <summary>The tool <c>entropy-elbo</c>.</summary>
internal static class Program
{
    /// <summary>Runs the tool on the process's own streams and signals.</summary>
    public static int Main(string[] args)
    {
        using Interruption interruption = new();
        using ToolHost host = ToolHost.OfProcess(interruption.Token);
        return Run(args, host);
    }

    /// <summary>Runs the tool in process.</summary>
    /// <param name="args">Arguments, as after the tool's name.</param>
    /// <param name="output">Takes what would go to standard output.</param>
    /// <param name="error">Takes what would go to standard error.</param>
    /// <param name="cancellationToken">Cancelling it is the first Ctrl+C.</param>
    /// <returns>The exit status, one of <see cref="ExitStatus"/>.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        using ToolHost host = new(output, error) { Cancellation = cancellationToken };
        return Run(args, host);
    }

    /// <summary>Runs the tool in process, on the streams given.</summary>
    public static int Run(string[] args, ToolHost host)
    {
        // A data file may be named @something: an argument is never replaced by the contents of a file.
        ParserConfiguration parsing = new() { ResponseFileTokenReplacer = null };
        ParseResult parsed = CreateRoot(host).Parse(args, parsing);
        try
        {
            int status = parsed.Action is ParseErrorAction ? ReportUsage(parsed, host) : Invoke(parsed, host);
            host.Out.Flush();
            return status;
        }
        catch (Exception error)
        {
            return Failure.Report(error, parsed, host);
        }
    }

    private static RootCommand CreateRoot(ToolHost host)
    {
        RootCommand root = CreateCommands(host);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithSettings((HelpAction)help.Action!);
        return root;
    }

    private static RootCommand CreateCommands(ToolHost host) => new(
        "Fit, evaluate and use latent-variable models. Every fit reports its ELBO, the closed-form sum of entropies, the gap "
        + "between the two split by cause, and the collapsed latents, in nats per row.")
    {
        FitCommand.Create(host),
        EvaluateCommand.Create(host),
        EncodeCommand.Create(host),
        SelectCommand.Create(host),
        SampleCommand.Create(host),
        ExportCommand.Create(host),
        GenerateCommand.Create(host),
        ExplainCommand.Create(host),
        ModelsCommand.Create(host),
        WatchCommand.Create(host),
    };

    private static int Invoke(ParseResult parsed, ToolHost host) => parsed.Invoke(new InvocationConfiguration
    {
        Output = host.Out,
        Error = host.Error,
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null, // Interruption answers the signals.
    });

    private static int ReportUsage(ParseResult parsed, ToolHost host)
    {
        foreach (ParseError error in parsed.Errors)
        {
            host.Error.WriteLine($"entropy-elbo: {Failure.OneLine(error.Message)}");
        }

        Command command = parsed.CommandResult.Command;
        string name = command is RootCommand ? "entropy-elbo" : $"entropy-elbo {command.Name}";
        host.Error.WriteLine($"Run '{name} --help' for usage.");
        return ExitStatus.Usage;
    }
}
