namespace EntropyElbo.Cli.Host;

/// <summary>Exit statuses of the tool.</summary>
internal static class ExitStatus
{
    public const int Success = 0;

    /// <summary>Bad input: data, an option's value, a model file, a file that cannot be read or written.</summary>
    public const int BadInput = 1;

    /// <summary>Wrong usage: the command line itself.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
