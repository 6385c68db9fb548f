namespace EntropyElbo.Data.Csv;

/// <summary>The first records of a CSV file, from which delimiter, decimal sign and header are told.</summary>
internal sealed class CsvSample
{
    /// <summary>Records that are looked at where they need not be waited for.</summary>
    public const int MaxRecords = 64;
    private const int MaxBytes = 1 << 20;

    private CsvSample(byte delimiter, List<byte[]> records)
    {
        Delimiter = delimiter;
        Records = records;
    }

    public byte Delimiter { get; }

    /// <summary>The records, the first line's before the others; at least one.</summary>
    public List<byte[]> Records { get; }

    /// <summary>Reads up to 64 records, and no more than 1 MB beyond the first two.</summary>
    /// <param name="reader">At the start.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="options">What is known.</param>
    /// <param name="most">Fewer records where they come one by one and somebody waits.</param>
    public static CsvSample Read(CsvRecordReader reader, string source, CsvOptions options, int most = MaxRecords)
    {
        FileSignatures.RequireText(reader.Head(FileSignatures.HeadBytes, untilLine: most < MaxRecords), source);
        if (!reader.FirstData(out ReadOnlySpan<byte> record))
        {
            throw new BadDataException($"{source} is empty; at least one row of numbers is needed.");
        }

        RejectLoneReturns(record, source);
        FileSignatures.RequireNoZero(record, source);
        List<byte[]> records = [record.ToArray()];
        if (reader.NextData(out record))
        {
            records.Add(record.ToArray());
        }

        if (reader.Delimiter == 0)
        {
            reader.Delimiter = CsvDelimiter.Detect(records[0], records.Count > 1 ? records[1] : [], options.DecimalSign);
            records = reader.Delimiter == ' ' ? [.. records.Select(Collapsed)] : records;
        }

        for (int bytes = 0; records.Count < most && bytes < MaxBytes && reader.NextData(out record); bytes += record.Length)
        {
            records.Add(record.ToArray());
        }

        return new CsvSample(reader.Delimiter, records);
    }

    private static byte[] Collapsed(byte[] record) => record[..BlankRuns.Collapse(record)];

    private static void RejectLoneReturns(ReadOnlySpan<byte> record, string source)
    {
        if (record.Contains((byte)'\r') && !record.Contains((byte)'"'))
        {
            throw new BadDataException($"{source}: lines end in a lone carriage return; save the file with line feeds.");
        }
    }
}
