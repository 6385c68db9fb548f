using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// The q of every row as V has it, free variables of one large problem: nu, and the Cholesky factor L of T with the logarithm of
/// its diagonal. Two passes: sums for given q, from which the scales follow, then the derivatives by nu and L for those scales (V
/// eq. 139 to 170).
/// </summary>
internal sealed class JointRows(double[] values, int count, int columns, int latents, int threads) : IDisposable
{
    /// <summary>Rows of a block.</summary>
    private const int BlockRows = 64;

    private readonly WorkerTeam _team = new(threads);
    private readonly JointRow[] _rows = [.. Enumerable.Range(0, threads).Select(_ => new JointRow(columns, latents))];
    private readonly SparseCodingSums[] _partial = [.. Enumerable.Range(0, threads).Select(_ => new SparseCodingSums(columns, latents))];
    private readonly SparseCodingSums _total = new(columns, latents);

    /// <summary>Variables of a row.</summary>
    public int Width { get; } = latents + LaneCholesky.Length(latents);

    /// <summary>Sums over all rows for the q of a point.</summary>
    /// <param name="parameters">Fields and mean; scales are not looked at.</param>
    /// <param name="point">The rows' variables.</param>
    /// <param name="cancellation">Stops the pass.</param>
    public SparseCodingSums Sum(SparseCodingParameters parameters, double[] point, CancellationToken cancellation)
    {
        _total.Clear();
        MatrixView<double> gram = Gram(parameters);
        Run(
            (worker, first, rows) =>
            {
                _partial[worker].Clear();
                for (int row = first; row < first + rows; row++)
                {
                    _rows[worker].Load(values.AsSpan(row * columns, columns), parameters, gram, Variables(point, row));
                    _rows[worker].AddTo(_partial[worker]);
                }
            },
            worker => _total.Merge(_partial[worker]),
            cancellation);
        return _total;
    }

    /// <summary>Derivatives of the ELBO, nats per row, by the rows' variables.</summary>
    /// <param name="parameters">Parameters with the scales that are best for these q.</param>
    /// <param name="point">The rows' variables.</param>
    /// <param name="gradient">Filled.</param>
    /// <param name="cancellation">Stops the pass.</param>
    public void Differentiate(SparseCodingParameters parameters, double[] point, double[] gradient, CancellationToken cancellation)
    {
        MatrixView<double> gram = Gram(parameters);
        Run(
            (worker, first, rows) =>
            {
                for (int row = first; row < first + rows; row++)
                {
                    _rows[worker].Load(values.AsSpan(row * columns, columns), parameters, gram, Variables(point, row));
                    _rows[worker].Differentiate(parameters, Variables(gradient, row), 1.0 / count);
                }
            },
            _ => { },
            cancellation);
    }

    /// <summary>First q: means of half a matched filter, deviations of the noise.</summary>
    public void Start(SparseCodingParameters parameters, double[] point)
    {
        MatrixView<double> gram = Gram(parameters);
        for (int row = 0; row < count; row++)
        {
            Span<double> variables = Variables(point, row);
            variables.Clear();
            _rows[0].Load(values.AsSpan(row * columns, columns), parameters, gram, variables);
            for (int h = 0; h < latents; h++)
            {
                variables[h] = 0.5 * _rows[0].Pulls[h];
                variables[latents + LaneCholesky.Length(h) + h] = 0.5 * Math.Log(parameters.NoiseVariance);
            }
        }
    }

    public void Dispose() => _team.Dispose();

    private Span<double> Variables(double[] all, int row) => all.AsSpan(row * Width, Width);

    private static MatrixView<double> Gram(SparseCodingParameters parameters)
    {
        MatrixView<double> gram = new Matrix<double>(parameters.Latents, parameters.Latents);
        MatrixProduct.MultiplyTransposedLeft(parameters.Fields, parameters.Fields, gram);
        return gram;
    }

    private void Run(Action<int, int, int> compute, Action<int> merge, CancellationToken cancellation)
    {
        if (!OrderedBlocks.Run(new Work(count, compute, merge), _team, cancellation))
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    private sealed class Work(int count, Action<int, int, int> compute, Action<int> merge) : IBlockWork
    {
        public int Take(long firstRow, int worker) => BlockPlace.RowsAt(firstRow, count, BlockRows);

        public void Compute(BlockPlace place) => compute(place.Worker, (int)place.FirstRow, place.Count);

        public void Merge(BlockPlace place) => merge(place.Worker);
    }
}
