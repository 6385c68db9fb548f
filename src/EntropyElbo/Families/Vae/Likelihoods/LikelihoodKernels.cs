using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// The inner loops of likelihoods over lines of padded matrices of one stride. Padding is zero in outputs and rows, so it adds
/// nothing to sums.
/// </summary>
internal static unsafe class LikelihoodKernels
{
    /// <summary>Squared error of one row.</summary>
    public static double SquaredError<T>(MatrixView<T> output, MatrixView<T> row)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> sum = Vector512<T>.Zero;
        for (int i = 0; i < output.Stride; i += Vector512<T>.Count)
        {
            Vector512<T> error = Vector512.LoadAligned(output.Data + i) - Vector512.LoadAligned(row.Data + i);
            sum = Lanes.MultiplyAdd(error, error, sum);
        }

        return VectorFold.Sum(sum);
    }

    /// <summary>Squared error of one row; the errors times a factor become the gradient.</summary>
    public static double ScaledError<T>(MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, T scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> sum = Vector512<T>.Zero;
        for (int i = 0; i < output.Stride; i += Vector512<T>.Count)
        {
            Vector512<T> error = Vector512.LoadAligned(output.Data + i) - Vector512.LoadAligned(row.Data + i);
            sum = Lanes.MultiplyAdd(error, error, sum);
            (error * scale).StoreAligned(gradient.Data + i);
        }

        return VectorFold.Sum(sum);
    }

    /// <summary>
    /// One row's squared error, and its sums of error times output, of output^2 - observed^2 and of observed^2. The errors times a
    /// factor are the gradient, written where it has data.
    /// </summary>
    public static (double Error, double Product, double Difference, double Square) Errors<T>(MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, T scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> errors = Vector512<T>.Zero, products = errors, differences = errors, squares = errors;
        for (int i = 0; i < output.Stride; i += Vector512<T>.Count)
        {
            Vector512<T> mean = Vector512.LoadAligned(output.Data + i), x = Vector512.LoadAligned(row.Data + i), error = mean - x;
            errors = Lanes.MultiplyAdd(error, error, errors);
            products = Lanes.MultiplyAdd(error, mean, products);
            differences = Lanes.MultiplyAdd(error, mean + x, differences);
            squares = Lanes.MultiplyAdd(x, x, squares);
            if (gradient.Data != null)
            {
                (error * scale).StoreAligned(gradient.Data + i);
            }
        }

        return (VectorFold.Sum(errors), VectorFold.Sum(products), VectorFold.Sum(differences), VectorFold.Sum(squares));
    }

    /// <summary>Sums of squared errors of a line of columns; the errors times the precisions become the gradient.</summary>
    public static Vector512<T> Squares<T>(
        MatrixView<T> means, MatrixView<T> rows, MatrixView<T> gradient, int column, Vector512<T> precision)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> sum = Vector512<T>.Zero;
        long offset = column;
        for (int row = 0; row < rows.Rows; row++, offset += means.Stride)
        {
            Vector512<T> error = Vector512.LoadAligned(means.Data + offset) - Vector512.LoadAligned(rows.Data + offset);
            sum = Lanes.MultiplyAdd(error, error, sum);
            (error * precision).StoreAligned(gradient.Data + offset);
        }

        return sum;
    }

    /// <summary>
    /// A line of columns over all rows: gradients written, sums of log-variances and of squared errors over variances returned.
    /// </summary>
    public static (Vector512<T> Logs, Vector512<T> Squares) Columns<T>(
        DecoderBlock<T> outputs, MatrixView<T> rows, DecoderBlock<T> gradient, int column)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> half = Vector512.Create(T.CreateTruncating(0.5));
        Vector512<T> mask = Lanes.FirstLanes<T>(rows.Columns - column);
        Vector512<T> logs = Vector512<T>.Zero, squares = logs;
        long offset = column;
        for (int row = 0; row < rows.Rows; row++, offset += rows.Stride)
        {
            Vector512<T> log = Vector512.LoadAligned(outputs.Spreads.Data + offset);
            Vector512<T> error = Vector512.LoadAligned(outputs.Means.Data + offset) - Vector512.LoadAligned(rows.Data + offset);
            Vector512<T> scaled = error * Lanes.Exp(-log);
            Vector512<T> square = error * scaled;
            logs += log;
            squares += square;
            scaled.StoreAligned(gradient.Means.Data + offset);
            ((half - (half * square)) & mask).StoreAligned(gradient.Spreads.Data + offset);
        }

        return (logs, squares);
    }

    /// <summary>
    /// One row of counts without a limit: log partition functions, natural parameters times means, and times counts, summed, and the
    /// number of log-rates at their bound. The gradient is written where it has data.
    /// </summary>
    public static (double Partition, double Product, double Observed, int Bounded) Poisson<T>(
        MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, double activationFactor, double greatest)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T factor = T.CreateTruncating(activationFactor);
        Vector512<T> bound = Vector512.Create(T.CreateTruncating(greatest));
        Vector512<T> partition = Vector512<T>.Zero, product = partition, observed = partition;
        int bounded = 0;
        for (int column = 0; column < row.Columns; column += Vector512<T>.Count)
        {
            Vector512<T> mask = Lanes.FirstLanes<T>(row.Columns - column);
            Vector512<T> x = Vector512.LoadAligned(row.Data + column);
            Vector512<T> natural = Vector512.LoadAligned(output.Data + column) * factor;
            bounded += BitOperations.PopCount(
                Vector512.ExtractMostSignificantBits(Vector512.GreaterThan(natural, bound) & mask));
            natural = Vector512.Min(natural, bound);
            Vector512<T> mean = Lanes.Exp(natural) & mask;
            partition += mean;
            product = Lanes.MultiplyAdd(natural, mean, product);
            observed = Lanes.MultiplyAdd(natural, x, observed);
            if (gradient.Data != null)
            {
                ((mean - x) * factor).StoreAligned(gradient.Data + column);
            }
        }

        return (VectorFold.Sum(partition), VectorFold.Sum(product), VectorFold.Sum(observed), bounded);
    }

    /// <summary>As <see cref="Poisson"/>, for counts out of a number of trials; no bound.</summary>
    public static (double Partition, double Product, double Observed, int Bounded) Binomial<T>(
        MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, double activationFactor, double count)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T factor = T.CreateTruncating(activationFactor), trials = T.CreateTruncating(count);
        Vector512<T> partition = Vector512<T>.Zero, product = partition, observed = partition;
        for (int column = 0; column < row.Columns; column += Vector512<T>.Count)
        {
            Vector512<T> mask = Lanes.FirstLanes<T>(row.Columns - column);
            Vector512<T> x = Vector512.LoadAligned(row.Data + column);
            Vector512<T> natural = Vector512.LoadAligned(output.Data + column) * factor;
            (Vector512<T> logistic, Vector512<T> softplus) = Lanes.LogisticAndSoftplus(natural);
            Vector512<T> mean = (logistic * trials) & mask;
            partition += (softplus * trials) & mask;
            product = Lanes.MultiplyAdd(natural, mean, product);
            observed = Lanes.MultiplyAdd(natural, x, observed);
            if (gradient.Data != null)
            {
                ((mean - x) * factor).StoreAligned(gradient.Data + column);
            }
        }

        return (VectorFold.Sum(partition), VectorFold.Sum(product), VectorFold.Sum(observed), 0);
    }
}
