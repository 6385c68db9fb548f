using System.Numerics.Tensors;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// What learning needs of rows and their q: sums over rows, so halves merged are the whole. Rows are counted from the mean mu of
/// the E-step. With these, ELBO, gradients and the exact M-step follow without the rows.
/// </summary>
internal sealed class SparseCodingSums(int columns, int latents)
{
    /// <summary>Rows seen, each as many as its weight says.</summary>
    public double Rows { get; set; }

    /// <summary><c>sum nu (x - mu)'</c>, [H, D].</summary>
    public MatrixView<double> Products { get; } = new Matrix<double>(latents, columns);

    /// <summary><c>sum nu nu' + T</c>, [H, H].</summary>
    public MatrixView<double> Seconds { get; } = new Matrix<double>(latents, latents);

    /// <summary><c>sum nu</c>.</summary>
    public double[] Means { get; } = new double[MatrixView<double>.PaddedStride(latents)];

    /// <summary><c>sum E|z|</c>.</summary>
    public double[] Sizes { get; } = new double[MatrixView<double>.PaddedStride(latents)];

    /// <summary><c>sum (x - mu)</c>.</summary>
    public double[] Centred { get; } = new double[MatrixView<double>.PaddedStride(columns)];

    /// <summary><c>sum |x - mu|^2</c>.</summary>
    public double Squares { get; set; }

    /// <summary><c>sum 1/2 log|2 pi e T|</c>.</summary>
    public double Entropy { get; set; }

    /// <summary><c>sum |x - mu - W nu|^2 + tr W'W T</c>.</summary>
    public double Errors { get; set; }

    /// <summary>Evaluations of rows' bounds.</summary>
    public long Evaluations { get; set; }

    /// <summary>Back to no rows.</summary>
    public void Clear()
    {
        Rows = 0;
        Products.Entries.Clear();
        Seconds.Entries.Clear();
        Array.Clear(Means);
        Array.Clear(Sizes);
        Array.Clear(Centred);
        (Squares, Entropy, Errors, Evaluations) = (0, 0, 0, 0);
    }

    /// <summary>Adds the sums of other rows, each of which counts as <paramref name="weight"/> rows.</summary>
    public void Merge(SparseCodingSums other, double weight = 1)
    {
        Rows += weight * other.Rows;
        TensorPrimitives.MultiplyAdd(other.Products.Entries, weight, Products.Entries, Products.Entries);
        TensorPrimitives.MultiplyAdd(other.Seconds.Entries, weight, Seconds.Entries, Seconds.Entries);
        TensorPrimitives.MultiplyAdd(other.Means, weight, Means, Means);
        TensorPrimitives.MultiplyAdd(other.Sizes, weight, Sizes, Sizes);
        TensorPrimitives.MultiplyAdd(other.Centred, weight, Centred, Centred);
        Squares += weight * other.Squares;
        Entropy += weight * other.Entropy;
        Errors += weight * other.Errors;
        Evaluations += other.Evaluations;
    }

    /// <summary>Counts the rows from another origin.</summary>
    public void MoveOrigin(ReadOnlySpan<double> from, ReadOnlySpan<double> to)
    {
        double[] shift = new double[from.Length];
        TensorPrimitives.Subtract(from, to, shift);
        Squares += (2 * VectorFold.Dot(shift, Centred.AsSpan(0, shift.Length))) + (Rows * VectorFold.SumOfSquares(shift));
        TensorPrimitives.MultiplyAdd(shift, Rows, Centred.AsSpan(0, shift.Length), Centred.AsSpan(0, shift.Length));
        for (int h = 0; h < latents; h++)
        {
            TensorPrimitives.MultiplyAdd(shift, Means[h], Products[h], Products[h]);
        }
    }

    /// <summary>Mixes the means of other rows into these, which are means too: they count as one row.</summary>
    /// <param name="other">Sums of other rows.</param>
    /// <param name="share">Their share; 1 leaves nothing of what was here.</param>
    public void Mix(SparseCodingSums other, double share)
    {
        double rest = 1 - share, part = share / other.Rows;
        Mix(Products.Entries, other.Products.Entries, rest, part);
        Mix(Seconds.Entries, other.Seconds.Entries, rest, part);
        Mix(Means, other.Means, rest, part);
        Mix(Sizes, other.Sizes, rest, part);
        Mix(Centred, other.Centred, rest, part);
        Squares = (rest * Squares) + (part * other.Squares);
        Entropy = (rest * Entropy) + (part * other.Entropy);
        Errors = (rest * Errors) + (part * other.Errors);
        Rows = 1;
    }

    /// <summary>Takes the codes to latents that are longer by a factor each.</summary>
    public void Stretch(double[] factors)
    {
        for (int h = 0; h < latents; h++)
        {
            TensorPrimitives.Multiply(Products[h], factors[h], Products[h]);
            TensorPrimitives.Multiply(Seconds[h], factors, Seconds[h]);
            TensorPrimitives.Multiply(Seconds[h], factors[h], Seconds[h]);
            Means[h] *= factors[h];
            Sizes[h] *= factors[h];
            Entropy += Rows * Math.Log(factors[h]);
        }
    }

    /// <summary>Adds the sums to a checkpoint.</summary>
    public void Write(ModelRecord record)
    {
        record.Add(ModelTensor.Of("sums.products", Compact(Products), latents, columns));
        record.Add(ModelTensor.Of("sums.seconds", Compact(Seconds), latents, latents));
        record.Add(ModelTensor.Of("sums.means", Means[..latents], latents));
        record.Add(ModelTensor.Of("sums.sizes", Sizes[..latents], latents));
        record.Add(ModelTensor.Of("sums.centred", Centred[..columns], columns));
        record.Add(ModelTensor.Of("sums.totals", [Rows, Squares, Entropy, Errors], 4));
    }

    /// <summary>Takes the sums from a checkpoint.</summary>
    public void Read(ModelRecord record)
    {
        ElementLoops.Load(record.FiniteDoubles("sums.products", latents, columns), latents, Products);
        ElementLoops.Load(record.FiniteDoubles("sums.seconds", latents, latents), latents, Seconds);
        record.FiniteDoubles("sums.means", latents).CopyTo(Means, 0);
        record.Squares("sums.sizes", latents).CopyTo(Sizes, 0);
        record.FiniteDoubles("sums.centred", columns).CopyTo(Centred, 0);
        double[] totals = record.FiniteDoubles("sums.totals", 4);
        (Rows, Squares, Entropy, Errors) = (totals[0], totals[1], totals[2], totals[3]);
    }

    /// <summary>Takes what an E-step has left of a block, in place of what was here.</summary>
    /// <param name="rows">The centred rows.</param>
    /// <param name="squares">Their squared lengths.</param>
    /// <param name="posterior">Their q.</param>
    /// <param name="noisePrecision">delta / sigma^2 of the E-step.</param>
    public void Take(MatrixView<double> rows, ReadOnlySpan<double> squares, RowPosterior posterior, double noisePrecision)
    {
        Clear();
        int count = rows.Rows;
        MatrixView<double> means = posterior.Means.Slice(0, count);
        Rows = count;
        MatrixProduct.MultiplyTransposedLeft(means, rows, Products);
        MatrixProduct.MultiplyTransposedLeft(means, means, Seconds);
        posterior.AddCovariances(Seconds);
        ElementLoops.ColumnSums(means, Means);
        ElementLoops.ColumnSums(posterior.Sizes.Slice(0, count), Sizes);
        ElementLoops.ColumnSums(rows, Centred);
        for (int row = 0; row < count; row++)
        {
            Squares += squares[row];
            Entropy += posterior.HalfLogDeterminants[row] + (latents * SpecialFunctions.StandardNormalEntropy);
            Errors += squares[row] + (posterior.Misfits[row] / noisePrecision);
            Evaluations += posterior.Evaluations[row];
        }
    }
    private static void Mix(Span<double> mine, ReadOnlySpan<double> theirs, double rest, double part)
    {
        TensorPrimitives.Multiply(mine, rest, mine);
        TensorPrimitives.MultiplyAdd(theirs, part, mine, mine);
    }

    private static double[] Compact(MatrixView<double> matrix)
    {
        double[] values = new double[ArraySize.Of(matrix.Rows, matrix.Columns)];
        ElementLoops.Store(matrix, 0, matrix.Columns, matrix.Rows, values);
        return values;
    }
}
