using System.Globalization;
using System.Text;

namespace EntropyElbo.Data.Csv;

/// <summary>How the cells of a table are written: the decimal sign and what stands for a missing value.</summary>
internal sealed class CellFormat
{
    private static readonly NumberFormatInfo CommaNumbers = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = " " };
    private readonly byte[][] _missingTexts;
    private readonly double[] _missingNumbers;

    private CellFormat(byte point, byte[][] missingTexts, double[] missingNumbers)
    {
        Point = point;
        Numbers = point == ',' ? CommaNumbers : CultureInfo.InvariantCulture.NumberFormat;
        _missingTexts = missingTexts;
        _missingNumbers = missingNumbers;
    }

    /// <summary>Decimal point, and the usual words for missing values.</summary>
    public static CellFormat Invariant { get; } = new((byte)'.', [], []);

    /// <summary>Decimal comma, and the usual words for missing values.</summary>
    public static CellFormat Comma { get; } = new((byte)',', [], []);

    /// <summary>The decimal sign.</summary>
    public byte Point { get; }

    /// <summary>What the framework's parser needs to know.</summary>
    public NumberFormatInfo Numbers { get; }

    /// <summary>The format with missing values of the user's own.</summary>
    public static CellFormat Of(byte point, IReadOnlyList<string> missing)
    {
        CellFormat plain = point == ',' ? Comma : Invariant;
        List<byte[]> texts = [];
        List<double> numbers = [];
        foreach (string token in missing)
        {
            byte[] text = Encoding.UTF8.GetBytes(token.Trim(' '));
            if (NumberText.TryParse(text, plain, out double number) && !double.IsNaN(number))
            {
                numbers.Add(number);
            }

            texts.Add(text);
        }

        return texts.Count == 0 ? plain : new CellFormat(point, [.. texts], [.. numbers]);
    }

    /// <summary>Whether a cell, without spaces around it, is one of the user's own missing values.</summary>
    public bool IsMissing(ReadOnlySpan<byte> cell)
    {
        foreach (byte[] text in _missingTexts)
        {
            if (cell.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether there are numbers that stand for missing values.</summary>
    public bool HasMissingNumbers => _missingNumbers.Length > 0;

    /// <summary>Puts NaN for numbers that stand for missing values.</summary>
    public void MarkMissing(Span<double> row)
    {
        foreach (double number in _missingNumbers)
        {
            for (int i = row.IndexOf(number); i >= 0; i = row.IndexOf(number))
            {
                row[i] = double.NaN;
            }
        }
    }
}
