using System.Text;
using DuckDB.NET.Native;

namespace EntropyElbo.DuckDB;

/// <summary>The result of a statement, chunk by chunk: a chunk has a vector a column and at most 2,048 rows.</summary>
internal sealed unsafe class DuckResult : IDisposable
{
    /// <summary>Strings of this many bytes or fewer lie in the vector itself.</summary>
    private const int InlineText = 12;

    /// <summary>Bytes of a string in a vector: its length, then its text or its first bytes and a pointer.</summary>
    private const int TextBytes = 16;

    private readonly string _source;
    private DuckDBResult _result;
    private DuckDBDataChunk? _chunk;
    private double*[] _values = [];
    private ulong*[] _valid = [];

    private DuckResult(DuckDBResult result, string source)
    {
        _result = result;
        _source = source;
    }

    /// <summary>Rows of the chunk.</summary>
    public int Rows { get; private set; }

    /// <summary>Number of columns.</summary>
    public int Columns => (int)NativeMethods.Query.DuckDBColumnCount(ref _result);

    /// <summary>The result of a run, or its error.</summary>
    public static DuckResult Of(DuckDBState state, DuckDBResult result, string source)
    {
        DuckResult own = new(result, source);
        if (state != DuckDBState.Success)
        {
            using (own)
            {
                throw DuckErrors.Data(source, NativeMethods.Query.DuckDBResultError(ref own._result));
            }
        }

        return own;
    }

    /// <summary>Goes to the next chunk; whether there is one.</summary>
    public bool Next()
    {
        _chunk?.Dispose();
        _chunk = NativeMethods.Query.DuckDBFetchChunk(_result);
        Rows = _chunk.IsInvalid ? 0 : (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(_chunk);
        if (Rows > 0)
        {
            Point(_chunk);
            return true;
        }

        string? error = NativeMethods.Query.DuckDBResultError(ref _result);
        return string.IsNullOrEmpty(error) ? false : throw DuckErrors.Data(_source, error);
    }

    /// <summary>Copies rows of the chunk, all of whose columns are doubles, row-major; NULL comes as NaN.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="target">Filled.</param>
    public void Copy(int first, int rows, Span<double> target)
    {
        int columns = _values.Length;
        for (int column = 0; column < columns; column++)
        {
            ReadOnlySpan<double> values = new(_values[column] + first, rows);
            int to = column;
            foreach (double value in values)
            {
                target[to] = value;
                to += columns;
            }

            if (_valid[column] is not null)
            {
                Blank(_valid[column], first, rows, target[column..], columns);
            }
        }
    }

    /// <summary>Adds a column of the chunk, which is text.</summary>
    public void AddTexts(int column, List<string?> texts)
    {
        byte* data = (byte*)_values[column];
        for (int row = 0; row < Rows; row++)
        {
            texts.Add(_valid[column] is null || IsValid(_valid[column], row) ? Text(data + ((long)row * TextBytes)) : null);
        }
    }

    public void Dispose()
    {
        _chunk?.Dispose();
        NativeMethods.Query.DuckDBDestroyResult(ref _result);
    }

    private static string Text(byte* at)
    {
        int length = *(int*)at;
        return Encoding.UTF8.GetString(length <= InlineText ? at + sizeof(int) : *(byte**)(at + 8), length);
    }

    private static bool IsValid(ulong* valid, int row) => (valid[row >> 6] >> (row & 63) & 1) != 0;

    private static void Blank(ulong* valid, int first, int rows, Span<double> target, int stride)
    {
        for (int row = 0; row < rows; row++)
        {
            if (!IsValid(valid, first + row))
            {
                target[row * stride] = double.NaN;
            }
        }
    }

    private void Point(DuckDBDataChunk chunk)
    {
        int columns = (int)NativeMethods.DataChunks.DuckDBDataChunkGetColumnCount(chunk);
        if (_values.Length != columns)
        {
            _values = new double*[columns];
            _valid = new ulong*[columns];
        }

        for (int column = 0; column < columns; column++)
        {
            IntPtr vector = NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column);
            _values[column] = (double*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
            _valid[column] = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        }
    }
}
