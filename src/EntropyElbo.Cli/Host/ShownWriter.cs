using System.Text;

namespace EntropyElbo.Cli.Host;

/// <summary>The last door before a reader's eyes: whatever text passes, nothing that is not seen gets through as it is.</summary>
internal sealed class ShownWriter(TextWriter inner) : TextWriter(inner.FormatProvider)
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => inner.Write(Shown.Lines(buffer));

    /// <inheritdoc/>
    public override void WriteLine() => inner.WriteLine();

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        Write(value.AsSpan());
        inner.WriteLine();
    }

    /// <summary>Writes text in a style of the terminal's.</summary>
    /// <param name="code">Number of the style; null for none.</param>
    /// <param name="text">The text.</param>
    public void WriteStyled(string? code, string text)
    {
        if (code is null)
        {
            Write(text);
            return;
        }

        inner.Write($"\u001b[{code}m");
        Write(text);
        inner.Write("\u001b[0m");
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
