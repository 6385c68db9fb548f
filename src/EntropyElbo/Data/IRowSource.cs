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
}
