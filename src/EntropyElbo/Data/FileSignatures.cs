using System.Text;

namespace EntropyElbo.Data;

/// <summary>Tells what a file is that is no table of text, so that the error can say it.</summary>
internal static class FileSignatures
{
    /// <summary>Bytes that are enough to tell.</summary>
    public const int HeadBytes = 512;

    /// <summary>The mark of UTF-16, low byte first.</summary>
    public static ReadOnlySpan<byte> Utf16Little => [0xFF, 0xFE];

    /// <summary>The mark of UTF-16, high byte first.</summary>
    public static ReadOnlySpan<byte> Utf16Big => [0xFE, 0xFF];

    private const string SaveAsCsv = "save the table as CSV";

    private static readonly (byte[] Start, string What, string Remedy)[] Known =
    [
        ([.. "PK\u0003\u0004"u8], "a zip archive, as Excel workbooks (.xlsx) and .npz files are", "save the sheet or the array as CSV"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "an old Excel workbook (.xls)", "save the sheet as CSV"),
        ([.. "PAR1"u8], "a Parquet file", "read it with EntropyElbo.DuckDB, which builds of the tool may lack (-p:DuckDb=false), or write the table as CSV"),
        ([0x93, .. "NUMPY"u8], "a NumPy array (.npy)", "write it as CSV with numpy.savetxt(file, array, delimiter=',')"),
        ([.. "ARROW1"u8], "an Arrow file (Feather)", SaveAsCsv),
        ([.. "Obj\u0001"u8], "an Avro file", SaveAsCsv),
        ([.. "ORC"u8], "an ORC file", SaveAsCsv),
        ([0x89, .. "HDF\r\n"u8], "an HDF5 file", SaveAsCsv),
        ([.. "SQLite format 3"u8], "an SQLite database", SaveAsCsv),
        ([.. "MATLAB 5.0 MAT"u8], "a MATLAB file", SaveAsCsv),
        ([.. "$FL2"u8], "an SPSS file", SaveAsCsv),
        ([.. "<stata_dta>"u8], "a Stata file", SaveAsCsv),
        ([.. "RDX"u8], "an R data file", "write it with write.csv"),
        ([0x80, 0x04, 0x95], "a Python pickle", SaveAsCsv),
        ([.. "BZh"u8, 0x39, 0x31], "compressed with bzip2", "decompress it; only gzip is read as it is"),
        ([0xFD, .. "7zXZ"u8], "compressed with xz", "decompress it; only gzip is read as it is"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with Zstandard", "decompress it; only gzip is read as it is"),
        ([.. "7z"u8, 0xBC, 0xAF], "a 7z archive", "unpack it; only gzip is read as it is"),
        ([.. "%PDF"u8], "a PDF", SaveAsCsv),
        ([0x89, .. "PNG"u8], "a PNG image", "write images as IDX or as rows of CSV"),
        ([0xFF, 0xD8, 0xFF], "a JPEG image", "write images as IDX or as rows of CSV"),
        ([.. "<!DOCTYPE"u8], "a web page", "download the file itself"),
        ([.. "<!doctype"u8], "a web page", "download the file itself"),
        ([.. "<html"u8], "a web page", "download the file itself"),
        ([.. "<?xml"u8], "XML", SaveAsCsv),
        ([0xFF, 0xFE, 0, 0], "UTF-32 text", "save it as UTF-8"),
        ([0, 0, 0xFE, 0xFF], "UTF-32 text", "save it as UTF-8"),
    ];

    /// <summary>Throws where the beginning of a file is that of something else than a table of text.</summary>
    public static void RequireText(ReadOnlySpan<byte> head, string source)
    {
        foreach ((byte[] start, string what, string remedy) in Known)
        {
            if (head.StartsWith(start))
            {
                throw Wrong(source, what, remedy);
            }
        }

        if (IsModelFile(head))
        {
            throw Wrong(source, "a model file", "give the data here");
        }

        if (IsJson(head))
        {
            throw Wrong(source, "JSON", SaveAsCsv);
        }

        RequireNoZero(head, source);
    }

    /// <summary>Throws where text has a zero byte: binary data, or UTF-16 without its mark.</summary>
    public static void RequireNoZero(ReadOnlySpan<byte> text, string source)
    {
        if (text.Contains((byte)0) && !text.StartsWith(Utf16Little) && !text.StartsWith(Utf16Big))
        {
            throw Wrong(source, "a binary file, or UTF-16 text without its mark", "save the table as CSV in UTF-8");
        }
    }

    private static BadDataException Wrong(string source, string what, string remedy) =>
        new($"{source} is not CSV or IDX: it is {what}; {remedy}.");

    /// <summary>Eight bytes of length, then the brace of a safetensors header.</summary>
    private static bool IsModelFile(ReadOnlySpan<byte> head) =>
        head.Length > 8 && head[8] == '{' && head[4..8].IndexOfAnyExcept((byte)0) < 0;

    private static bool IsJson(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> white = " \t\r\n"u8;
        ReadOnlySpan<byte> text = head.StartsWith(Encoding.UTF8.Preamble) ? head[3..] : head;
        text = text.TrimStart(white);
        if (text.Length < 2 || text[0] is not ((byte)'{' or (byte)'['))
        {
            return false;
        }

        ReadOnlySpan<byte> inner = text[1..].TrimStart(white);
        return inner.Length > 0 && inner[0] is (byte)'"' or (byte)'{' or (byte)'}' or (byte)'[' or (byte)']';
    }
}
