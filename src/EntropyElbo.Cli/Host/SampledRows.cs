using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// Draws from a model, block by block, so that any number of them fits. Each block has its own random stream: the first
/// rows of a longer table are those of a shorter one.
/// </summary>
internal sealed class SampledRows(LatentModel model, long count, ulong seed) : IRowSource
{
    public int Columns => model.ObservedDimension;

    public IReadOnlyList<string> ColumnNames => model.ColumnNames;

    public long? RowCount => count;

    public IRowCursor Open() => new Cursor(model, count, seed);

    private sealed class Cursor(LatentModel model, long count, ulong seed) : IRowCursor
    {
        private readonly double[] _block = new double[model.RowsPerBlock * model.ObservedDimension];
        private long _drawn;
        private long _blocks;
        private int _start;
        private int _end;

        public int Read(Span<double> block)
        {
            int width = model.ObservedDimension;
            int wanted = block.Length / width;
            int filled = 0;
            while (filled < wanted && _drawn < count)
            {
                if (_start == _end)
                {
                    Draw();
                }

                int taken = (int)Math.Min(Math.Min(wanted - filled, _end - _start), count - _drawn);
                _block.AsSpan(_start * width, taken * width).CopyTo(block[(filled * width)..]);
                filled += taken;
                _start += taken;
                _drawn += taken;
            }

            return filled;
        }

        public void Dispose()
        {
        }

        /// <summary>A whole block, even where fewer rows are wanted: a row does not depend on how many there are.</summary>
        private void Draw()
        {
            model.Sample(_block, seed, _blocks++);
            (_start, _end) = (0, model.RowsPerBlock);
        }
    }
}
