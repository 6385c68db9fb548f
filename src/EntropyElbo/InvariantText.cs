using System.Globalization;
using System.Runtime.CompilerServices;

namespace EntropyElbo;

/// <summary>
/// What the compiler makes of an interpolated string that is given for a message: its numbers are written in the invariant
/// culture, so that a message reads, and can be searched for, the same everywhere.
/// </summary>
[InterpolatedStringHandler]
internal ref struct InvariantText
{
    private DefaultInterpolatedStringHandler _text;

    public InvariantText(int literalLength, int formattedCount) => _text = new(literalLength, formattedCount, CultureInfo.InvariantCulture);

    /// <summary>The message of a check: where the condition holds nothing is put together.</summary>
    public InvariantText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = holds ? default : new(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    public void AppendFormatted(string? value) => _text.AppendFormatted(value);

    /// <summary>The text; it can be taken once.</summary>
    public string Take() => _text.ToStringAndClear();
}
