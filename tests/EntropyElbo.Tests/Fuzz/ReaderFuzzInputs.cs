using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Tests.Data;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>Inputs of the readers' fuzz tests: sound files, and what happens to files.</summary>
internal static class ReaderFuzzInputs
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "\n", "\r\n", "\"", "\"\"", ",", ";", "|", "\t", " ", "   ", "\uFEFF", "\0", "\u001B[31m", "NA", "NULL", "-", "1,5", "1.5", "1,234", "1.234,5", "1e999",
            "-0", "nan", "0,1,2\n", "x", "\n\n", "\r", "'", "9007199254740993", "1e-400", "#N/A", "<NA>", "é",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xFE, 0xFF], [0xFF, 0xFE], [0x1F, 0x8B], [0, 0, 8, 2], [0x80], [.. "PK\u0003\u0004"u8],
    ];

    private static readonly byte[][] Tables =
    [
        .. new[]
        {
            "a,b,c\n1,2.5,3\n4,5e-3,6\n7,,9\n", "0,1,2\n0.5,1.5,2.5\n-1,0,3\n", "x;y\n1,5;2\n3;4,25\n", "  1   2  3\n  4   5.5  6\n", "a|\"b\"|c\r\n1|\"2\"|3\r\n",
            "5.1,3.5,setosa\n4.9,3.0,setosa\n", "\uFEFFk\tl\n1\t2\n", "1,2\n3,4\n\n\n", "\"a\nb\",\"c\"\"d\"\n1,2\n",
        }.Select(Encoding.UTF8.GetBytes),
        [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("a\tb\r\n1\t2\r\n3\t4\r\n")],
        [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes("a,b\n1,2\n")],
    ];

    /// <summary>A sound table, or several behind one another.</summary>
    public static byte[] Table(Random random) =>
        random.Next(4) == 0 ? [.. Pick(random, Tables), .. Pick(random, Tables)] : Pick(random, Tables);

    /// <summary>An IDX file whose header may promise anything.</summary>
    public static byte[] Idx(Random random)
    {
        byte[] types = [8, 9, 0x0B, 0x0C, 0x0D, 0x0E, 0x0A, 0];
        int[] sizes = [0, 1, 2, 3, 5, 100, 65_536, 1_000_001, int.MaxValue, -1];
        int[] dimensions = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => sizes[random.Next(random.Next(3) == 0 ? sizes.Length : 5)])];
        byte[] data = new byte[random.Next(200)];
        random.NextBytes(data);
        long promised = dimensions.Aggregate(1L, (product, d) => product * Math.Clamp(d, 0, 500));
        return [.. IdxRowsTests.Header(types[random.Next(types.Length)], dimensions), .. random.Next(2) == 0 ? data : new byte[Math.Min(promised, 5000)]];
    }

    /// <summary>Up to eight changes: bytes flipped, put in, taken out, doubled; the end cut off.</summary>
    public static byte[] Mutate(Random random, byte[] sound)
    {
        List<byte> bytes = [.. sound];
        for (int change = random.Next(9); change > 0; change--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(12), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Pick(random, Pieces));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Any way to ask for a file to be read; most are the defaults.</summary>
    public static CsvOptions Options(Random random) => new()
    {
        Delimiter = random.Next(3) > 0 ? null : ",;|\t \"x\0.é"[random.Next(10)],
        DecimalSign = random.Next(3) > 0 ? null : ".,;"[random.Next(3)],
        Header = random.Next(3) switch
        {
            0 => true,
            1 => false,
            _ => null,
        },
        Columns = random.Next(3) switch
        {
            0 => ColumnSelection.OfNamesElse(["a", "b"], random.Next(2) == 0 ? ColumnSelection.Parse("1-2") : null),
            1 => ColumnSelection.Parse(Pick(random, ["1", "1-2", "b", "2,1", "a,b", "3", "\"0\"", "c0"])),
            _ => null,
        },
        MissingTokens = random.Next(3) > 0 ? [] : Pick<string[]>(random, [["-"], ["-999", "x"], [""], ["1,5"]]),
    };

    public static T Pick<T>(Random random, T[] choices) => choices[random.Next(choices.Length)];
}
