using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.LinearGaussians;

/// <summary>
/// The spread of fewer rows than columns: the rows themselves, less their mean. With X the centred rows over the root of N,
/// the covariance is <c>X' X</c>, and <c>X X'</c> has its eigenvalues and, times <c>X'</c>, its eigenvectors. Memory: 8 N D
/// bytes (twice that while reading) and 16 N^2.
/// </summary>
internal sealed class CentredRows : RowSpread
{
    /// <summary>Most rows whose N x N products are kept: half a gigabyte, as for covariances.</summary>
    public const int MaxRows = RowMoments.MaxColumns;

    /// <summary>Directions with less than this share of the largest variance count as without: their vectors lose their digits.</summary>
    private const double RankShare = 1e-12;

    /// <summary>Rows of the products that are computed together; the result does not depend on threads.</summary>
    private const int PanelRows = 96;

    private readonly int _threads;

    private CentredRows(MatrixView<double> values, double[] mean, int threads)
        : base(mean, ColumnVariances(values))
    {
        _threads = threads;
        Values = values;
    }

    public override long Rows => Values.Rows;

    /// <summary>X, [N, D], padded.</summary>
    public MatrixView<double> Values { get; }

    /// <summary>Takes all rows of a source, scaled.</summary>
    /// <param name="rows">The rows; their number is known.</param>
    /// <param name="scaling">The scaling.</param>
    /// <param name="threads">Threads for products.</param>
    public static CentredRows Read(IRowSource rows, Scaling scaling, int threads)
    {
        int columns = rows.Columns, count = ArraySize.Of(rows.RowCount!.Value, 1);
        MatrixView<double> values = new Matrix<double>(count, columns);
        double[] weights = new double[count];
        using IRowCursor cursor = rows.Open();
        for (int i = 0; i < count; i++)
        {
            if (cursor.Read(values[i], weights.AsSpan(i, 1)) == 0)
            {
                throw new BadDataException("the data changed between two passes: the number of rows is not the same; read it again.");
            }

            scaling.Apply(values[i]);
        }

        return new CentredRows(values, Centre(values, weights), threads);
    }

    public override PrincipalAxes Axes(int count) => Axes(Eigen(Products(Values), count), 0);

    public override PrincipalAxes VaryingAxes() => Axes(Eigen(Products(Values), Values.Rows), RankShare);

    /// <summary>The largest eigenpairs of products, at most N of them.</summary>
    public EigenPairs Eigen(double[] products, int count) => SymmetricEigen.Top(products, Values.Rows, Math.Min(count, Values.Rows));

    /// <summary>A A', [N, N], of a matrix as large as <see cref="Values"/>.</summary>
    public double[] Products(MatrixView<double> matrix)
    {
        ProductPass pass = new(matrix, _threads);
        OrderedBlocks.Run(pass, _threads, CancellationToken.None);
        return pass.Products;
    }

    /// <summary>Panels of rows times all rows from the panel's first on.</summary>
    private sealed class ProductPass(MatrixView<double> matrix, int workers) : IBlockWork
    {
        private readonly Workspace?[] _workspaces = new Workspace?[workers];

        public double[] Products { get; } = new double[matrix.Rows * matrix.Rows];

        public int Take(long firstRow, int worker) => BlockPlace.RowsAt(firstRow, matrix.Rows, PanelRows);

        public void Compute(BlockPlace place)
        {
            Workspace work = _workspaces[place.Worker] ??= new Workspace(matrix.Rows);
            int first = (int)place.FirstRow, rest = matrix.Rows - first;
            MatrixProduct.MultiplyTransposedRight(
                matrix.Slice(first, place.Count),
                matrix.Slice(first, rest),
                work.Panel.Block(0, place.Count, 0, rest),
                default,
                1,
                work.Scratch);
        }

        public void Merge(BlockPlace place)
        {
            Workspace work = _workspaces[place.Worker]!;
            int n = matrix.Rows, first = (int)place.FirstRow;
            for (int i = first; i < first + place.Count; i++)
            {
                for (int j = i; j < n; j++)
                {
                    Products[(i * n) + j] = Products[(j * n) + i] = work.Panel[i - first][j - first];
                }
            }
        }

        private sealed class Workspace
        {
            public Workspace(int rows) => Panel = new Matrix<double>(Math.Min(PanelRows, rows), rows);

            public MatrixView<double> Panel { get; }

            public ProductScratch<double> Scratch { get; } = new();
        }
    }

    private RowAxes Axes(EigenPairs pairs, double share)
    {
        int varying = Math.Max(1, pairs.Values.Count(v => v > share * pairs.Values[0]));
        return new RowAxes(this, new EigenPairs(pairs.Values[..varying], pairs.Vectors[..(varying * Values.Rows)]));
    }

    /// <summary>
    /// Subtracts the mean, from the first row on (exact for constant columns), and divides by the root of N; with weights of mean w,
    /// by the root of N w over the row's own.
    /// </summary>
    private static double[] Centre(MatrixView<double> values, double[] weights)
    {
        double[] first = values[0].ToArray(), mean = new double[first.Length];
        double total = 0;
        for (int i = 0; i < values.Rows; i++)
        {
            TensorPrimitives.Subtract(values[i], first, values[i]);
            TensorPrimitives.MultiplyAdd(values[i], weights[i], mean, mean);
            total += weights[i];
        }

        RowWeights.RequireSum(total);
        TensorPrimitives.Divide(mean, total, mean);
        for (int i = 0; i < values.Rows; i++)
        {
            TensorPrimitives.Subtract(values[i], mean, values[i]);
            TensorPrimitives.Divide(values[i], Math.Sqrt(total / weights[i]), values[i]);
        }

        TensorPrimitives.Add(mean, first, mean);
        return mean;
    }

    private static double[] ColumnVariances(MatrixView<double> values)
    {
        double[] variances = new double[values.Columns];
        for (int i = 0; i < values.Rows; i++)
        {
            TensorPrimitives.MultiplyAdd(values[i], values[i], variances, variances);
        }

        return variances;
    }

    /// <summary>Eigenvectors of the products: direction i is <c>X' q_i / (l_i)^(1/2)</c>.</summary>
    private sealed record RowAxes(CentredRows Rows, EigenPairs Pairs) : PrincipalAxes(Pairs.Values)
    {
        public override double[] Lift(ReadOnlySpan<double> coordinates, int count)
        {
            int n = Rows.Values.Rows, columns = Rows.Columns;
            double[] lifted = new double[ArraySize.Of(columns, count)], shares = new double[n], sum = new double[columns];
            for (int j = 0; j < count; j++)
            {
                Array.Clear(shares);
                Array.Clear(sum);
                for (int i = 0; i < Values.Length; i++)
                {
                    // A direction without variance is none of the rows'.
                    double length = Values[i] > 0 ? coordinates[(i * count) + j] / Math.Sqrt(Values[i]) : 0;
                    TensorPrimitives.MultiplyAdd(Pairs.Vectors.AsSpan(i * n, n), length, shares, shares);
                }

                for (int i = 0; i < n; i++)
                {
                    TensorPrimitives.MultiplyAdd(Rows.Values[i], shares[i], sum, sum);
                }

                for (int d = 0; d < columns; d++)
                {
                    lifted[(d * count) + j] = sum[d];
                }
            }

            return lifted;
        }

        private protected override void Project(ReadOnlySpan<double> vector, Span<double> coordinates)
        {
            double[] products = new double[Rows.Values.Rows];
            for (int i = 0; i < products.Length; i++)
            {
                products[i] = VectorFold.Dot(Rows.Values[i], vector);
            }

            for (int i = 0; i < coordinates.Length; i++)
            {
                double sum = VectorFold.Dot(Pairs.Vectors.AsSpan(i * products.Length, products.Length), products);
                coordinates[i] = Values[i] > 0 ? sum / Math.Sqrt(Values[i]) : 0;
            }
        }
    }
}
