namespace EntropyElbo.Data;

/// <summary>Computes the moments of rows elsewhere than on the library's own threads.</summary>
internal interface IMomentsReader
{
    /// <summary>Reads all rows of a source, scaled.</summary>
    /// <exception cref="BadDataException">A row cannot be read, or there are too many columns.</exception>
    RowMoments Read(IRowSource rows, Scaling scaling, CancellationToken cancellationToken);
}
