using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>A thread's workspace for the E-step of a block of rows.</summary>
internal sealed class SparseCodingWorker(int rows, int columns, int latents, CovarianceShape shape)
{
    private double _noisePrecision;
    private PosteriorModel? _model;
    private double[] _mean = [];

    /// <summary>The centred rows.</summary>
    public MatrixView<double> Rows { get; } = new Matrix<double>(rows, columns);

    /// <summary>Their squared lengths.</summary>
    public double[] Squares { get; } = new double[rows];

    /// <summary>Their q.</summary>
    public RowPosterior Posterior { get; } = RowPosterior.Create(shape, rows, columns, latents);

    /// <summary>Sums of the latest block.</summary>
    public SparseCodingSums Sums { get; } = new(columns, latents);

    /// <summary>The rows of the block that have missing values; null where there can be none.</summary>
    public ObservedRows? Holes { get; private set; }

    /// <summary>Columns of a row that are there.</summary>
    public int Observed(int row) => Holes is null ? columns : Holes.Observed[row];

    /// <summary>Fills T^-1 of a row of the last block, [H, H] row-major.</summary>
    public void Precision(int row, Span<double> precision)
    {
        if (Holes is null || !Holes.TryPrecision(row, Posterior, precision))
        {
            Posterior.Precision(row, precision);
        }
    }

    /// <summary>Infers rows that may have missing values.</summary>
    public void InferObserved(ReadOnlySpan<double> values, int count, PosteriorModel model, SparseCodingParameters parameters)
    {
        Holes ??= new ObservedRows(rows, columns, latents, shape.IsDiagonal);
        Holes.Use(model, parameters);
        Load(Holes.Fill(values, count), count);
        Infer(count, isWarm: false, withSums: false);
        Holes.Infer(values, count, Posterior, Squares);
    }

    /// <summary>Room for a Cholesky factor, [H, H]; made where terms of rows are asked for.</summary>
    public double[] Factor => field ??= new double[ArraySize.Of(latents, latents)];

    /// <summary>Room for a field's entries of one column, H values.</summary>
    public double[] Solved => field ??= new double[latents];

    /// <summary>Room for the network that codes begin with; null where there is none.</summary>
    public EncoderBlock? Network { get; set; }

    /// <summary>Takes the parameters, if they are not those that it has.</summary>
    public void Use(PosteriorModel model, double[] mean)
    {
        if (!ReferenceEquals(model, _model))
        {
            Posterior.Use(model);
            (_model, _mean, _noisePrecision) = (model, mean, model.NoisePrecision);
        }
    }

    /// <summary>Takes scaled rows.</summary>
    public void Load(ReadOnlySpan<double> values, int count)
    {
        for (int row = 0; row < count; row++)
        {
            System.Numerics.Tensors.TensorPrimitives.Subtract(values.Slice(row * columns, columns), _mean, Rows[row]);
        }

        Centre(count);
    }

    /// <summary>Takes scaled rows.</summary>
    public void Load(MatrixView<float> rows)
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            Span<float> from = rows[row];
            Span<double> to = Rows[row];
            for (int d = 0; d < to.Length; d++)
            {
                to[d] = from[d] - _mean[d];
            }
        }

        Centre(rows.Rows);
    }

    /// <summary>Infers the rows taken.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isWarm">Whether they start from the means and spreads that the posterior holds.</param>
    /// <param name="withSums">Whether the sums are wanted.</param>
    public void Infer(int count, bool isWarm, bool withSums)
    {
        Posterior.Infer(count, isWarm, withSums);
        if (withSums)
        {
            Sums.Take(Rows.Slice(0, count), Squares, Posterior, _noisePrecision);
        }
    }

    /// <summary>E of a row: <c>|x - mu - W nu|^2 + tr W'W T</c>.</summary>
    public double Error(int row) => Squares[row] + (Posterior.Misfits[row] / _noisePrecision);

    private void Centre(int count)
    {
        ElementLoops.RowSquares(Rows.Slice(0, count), Squares);
        MatrixProduct.Multiply(Rows.Slice(0, count), _model!.Pulls, Posterior.Pulls.Slice(0, count));
    }
}
