namespace EntropyElbo.Data;

/// <summary>A cursor over other rows that hands on their weights with them.</summary>
internal abstract class WeightingCursor : IRowCursor
{
    public int Read(Span<double> block) => Read(block, []);

    public abstract int Read(Span<double> block, Span<double> weights);

    public abstract void Dispose();
}
