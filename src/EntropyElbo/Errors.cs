using System.Runtime.CompilerServices;

namespace EntropyElbo;

/// <summary>Base of every error this library raises on purpose: the message names the cause and the remedy.</summary>
public abstract class EntropyElboException : Exception
{
    private protected EntropyElboException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>Rows that a model or a reader cannot take: empty, ragged, not finite, outside the support, of the wrong width.</summary>
public sealed class BadDataException : EntropyElboException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong and how to mend it.</param>
    /// <param name="row">Zero-based index of the data row, when one is to blame.</param>
    /// <param name="column">Name of the column, when one is to blame.</param>
    /// <param name="inner">The error beneath, if any.</param>
    public BadDataException(string message, long? row = null, string? column = null, Exception? inner = null)
        : base(message, inner)
    {
        Row = row;
        Column = column;
    }

    /// <summary>The same, with numbers in the invariant culture.</summary>
    internal BadDataException(InvariantText message, long? row = null, string? column = null, Exception? inner = null)
        : this(message.Take(), row, column, inner)
    {
    }

    /// <summary>Zero-based index of the data row to blame, or null.</summary>
    public long? Row { get; }

    /// <summary>Name of the column to blame, or null.</summary>
    public string? Column { get; }
}

/// <summary>An option outside its range or at odds with another; the message names it.</summary>
public sealed class BadOptionException : EntropyElboException
{
    /// <summary>Creates the error.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="message">What is wrong and how to mend it.</param>
    public BadOptionException(string option, string message)
        : base(message) => Option = option;

    /// <summary>The same, with numbers in the invariant culture.</summary>
    internal BadOptionException(string option, InvariantText message)
        : this(option, message.Take())
    {
    }

    /// <summary>Name of the option to blame.</summary>
    public string Option { get; }

    /// <summary>Throws where a condition on an option does not hold.</summary>
    internal static void ThrowUnless(bool holds, string option, string message)
    {
        if (!holds)
        {
            throw new BadOptionException(option, message);
        }
    }

    /// <summary>The same, with numbers in the invariant culture, and a message that is put together only where it is needed.</summary>
    internal static void ThrowUnless(bool holds, string option, [InterpolatedStringHandlerArgument(nameof(holds))] InvariantText message)
    {
        if (!holds)
        {
            throw new BadOptionException(option, message);
        }
    }
}

/// <summary>A model file or checkpoint that is truncated, corrupt, of a newer version or of another family.</summary>
public sealed class ModelFileException : EntropyElboException
{
    /// <summary>Creates the error.</summary>
    /// <param name="file">The file, or a word for where the bytes came from.</param>
    /// <param name="message">What is wrong and how to mend it.</param>
    /// <param name="inner">The error beneath, if any.</param>
    public ModelFileException(string file, string message, Exception? inner = null)
        : base($"{file}: {message}", inner) => File = file;

    /// <summary>The same, with numbers in the invariant culture.</summary>
    internal ModelFileException(string file, InvariantText message, Exception? inner = null)
        : this(file, message.Take(), inner)
    {
    }

    /// <summary>The file, or a word for where the bytes came from.</summary>
    public string File { get; }
}

/// <summary>Training that cannot go on: a value that is not finite, or a likelihood without a maximum.</summary>
public sealed class TrainingException : EntropyElboException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">Where training stopped, why, and what to try.</param>
    public TrainingException(string message)
        : base(message)
    {
    }

    /// <summary>The same, with numbers in the invariant culture.</summary>
    internal TrainingException(InvariantText message)
        : this(message.Take())
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">Where training stopped, why, and what to try.</param>
    /// <param name="innerException">What it was found by.</param>
    public TrainingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
