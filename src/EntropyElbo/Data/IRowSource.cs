namespace EntropyElbo.Data;

/// <summary>
/// Rows that can be read from the start any number of times. Trainers and models ask for nothing else, so data larger
/// than memory is read in blocks. A source is immutable; every pass has its own cursor, and cursors of one source may
/// be open on several threads at once.
/// </summary>
public interface IRowSource
{
    /// <summary>Number of columns, D.</summary>
    int Columns { get; }

    /// <summary>One name per column, in order.</summary>
    IReadOnlyList<string> ColumnNames { get; }

    /// <summary>Number of rows where it is known without reading them, else null.</summary>
    long? RowCount { get; }

    /// <summary>
    /// Whether rows have weights of their own: a row of weight w counts as w rows, one of weight 0 as none. Where not, all count as one.
    /// </summary>
    bool HasWeights => false;

    /// <summary>Starts a pass at the first row.</summary>
    IRowCursor Open();
}

/// <summary>One pass over an <see cref="IRowSource"/>.</summary>
public interface IRowCursor : IDisposable
{
    /// <summary>Fills <paramref name="block"/> with the next rows, row-major.</summary>
    /// <param name="block">Room for one or more whole rows: its length is a multiple of the column count.</param>
    /// <returns>Rows written; fewer than fit only at the end; 0 when there are no more.</returns>
    /// <exception cref="BadDataException">A row cannot be read; the message names it.</exception>
    int Read(Span<double> block);

    /// <summary>Fills <paramref name="block"/> as <see cref="Read(Span{double})"/> does, and the weights of its rows.</summary>
    /// <param name="block">Room for one or more whole rows.</param>
    /// <param name="weights">Room for as many weights, finite and at least 0; or empty, where they are not wanted.</param>
    /// <returns>Rows written; fewer than fit only at the end; 0 when there are no more.</returns>
    /// <exception cref="BadDataException">A row or its weight cannot be read; the message names it.</exception>
    int Read(Span<double> block, Span<double> weights)
    {
        int rows = Read(block);
        if (!weights.IsEmpty)
        {
            weights[..rows].Fill(1);
        }

        return rows;
    }
}
