using System.Text;

namespace EntropyElbo.Data.Csv;

/// <summary>Tells decimal commas from decimal points, and both from thousands separators.</summary>
internal static class CsvDecimal
{
    private const int GroupDigits = 3;

    /// <summary>
    /// The decimal sign of the chosen cells: a comma where one has a comma that cannot separate thousands and none has a point
    /// that cannot; else a point.
    /// </summary>
    /// <exception cref="BadDataException">Commas that may be either, such as 1,234, and nothing that decides.</exception>
    public static byte Detect(CsvSample sample, int[]? chosen, string source)
    {
        bool point = false;
        bool comma = false;
        string? unclear = null;
        bool[]? wanted = Wanted(chosen);
        foreach (byte[] record in sample.Records)
        {
            CsvCells cells = new(record, sample.Delimiter, record.Contains((byte)'"'));
            for (int column = 0; cells.MoveNext(); column++)
            {
                ReadOnlySpan<byte> cell = cells.Current.Trim((byte)' ');
                if ((wanted is not null && (column >= wanted.Length || !wanted[column])) || cell.IndexOfAny((byte)',', (byte)'.') < 0)
                {
                    continue;
                }

                point |= !IsGrouped(cell) && IsNumber(cell, CellFormat.Invariant);
                comma |= !IsGrouped(cell) && IsNumber(cell, CellFormat.Comma);
                unclear ??= cell.Contains((byte)',') && IsGrouped(cell) && IsNumber(cell, CellFormat.Comma) ? NumberText.Show(cell) : null;
            }
        }

        return comma || point || unclear is null ? comma && !point ? (byte)',' : (byte)'.' : throw new BadDataException(
            $"{source}: the comma in {unclear} may be a decimal sign or separate thousands; {OptionTerms.DecimalSign(',')}, or remove the "
                + $"separators.");
    }

    /// <summary>What is wrong with a cell that is no number, and how to mend it.</summary>
    public static string Explain(ReadOnlySpan<byte> cell, CellFormat format)
    {
        cell = cell.Trim((byte)' ');
        char other = format.Point == ',' ? '.' : ',';
        if (IsGrouped(cell))
        {
            return $"it seems to have thousands separators; write it without them{(cell.Contains((byte)other) ? OtherSign(other) : "")}.";
        }

        return IsNumber(cell, other == ',' ? CellFormat.Comma : CellFormat.Invariant)
            ? $"the file is read with the decimal sign '{(char)format.Point}'{OtherSign(other)}."
            : $"numbers are written like -1{(char)format.Point}5e3 and missing values as NA (or name yours: {OptionTerms.MissingTokens}); "
                + "leave text columns out with a column selection.";
    }

    private static string OtherSign(char sign) => $"; if '{sign}' is the decimal sign, {OptionTerms.DecimalSign(sign)}";

    private static bool[]? Wanted(int[]? chosen)
    {
        if (chosen is null)
        {
            return null;
        }

        bool[] wanted = new bool[chosen.Length == 0 ? 0 : chosen.Max() + 1];
        foreach (int column in chosen)
        {
            wanted[column] = true;
        }

        return wanted;
    }

    private static bool IsNumber(ReadOnlySpan<byte> cell, CellFormat format) =>
        NumberText.TryParse(cell, format, out double value) && !double.IsNaN(value);

    /// <summary>One to three digits, the first not 0, and groups of three behind a separator; a decimal sign may follow them.</summary>
    private static bool IsGrouped(ReadOnlySpan<byte> cell)
    {
        string text = Encoding.UTF8.GetString(cell.Length > 64 ? cell[..64] : cell).TrimStart('-', '+');
        int lead = text.TakeWhile(char.IsAsciiDigit).Count();
        if (lead is 0 or > GroupDigits || text[0] == '0' || lead == text.Length || ",.'_ \u00A0\u202F\u2019".IndexOf(text[lead]) < 0)
        {
            return false;
        }

        char separator = text[lead];
        string[] groups = text[(lead + 1)..].Split(separator);
        for (int i = 0; i < groups.Length; i++)
        {
            int digits = groups[i].TakeWhile(char.IsAsciiDigit).Count();
            bool whole = digits == groups[i].Length
                || (i == groups.Length - 1 && groups[i][digits] is ',' or '.' && groups[i][digits] != separator);
            if (digits != GroupDigits || !whole)
            {
                return false;
            }
        }

        return true;
    }
}
