using System.Numerics.Tensors;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>What an M-step does to the latents' scales.</summary>
internal enum ScaleRule
{
    /// <summary>Each becomes the mean of its E|z|.</summary>
    Free,

    /// <summary>All become the mean of these.</summary>
    Shared,

    /// <summary>
    /// They stay: while the prior's entropy weighs more than 1 the objective has no maximum with free ones, as nu = 0 and tau,
    /// lambda -> 0 show.
    /// </summary>
    Held,
}

/// <summary>
/// The exact M-step for given q, in closed form: <c>W = C S^-1</c> on centred sums, <c>mu</c> the mean of what is left,
/// <c>lambda_h = mean E|z_h|</c>, <c>sigma^2</c> the mean expected squared error. Fields may take any length, which then goes into
/// the scales and the codes: that is parameter expansion (Liu, Rubin and Wu 1998), so the scales take part in every step, and the
/// ELBO never falls.
/// </summary>
internal sealed class Maximisation
{
    private Maximisation(SparseCodingParameters parameters, double[] lengths, IterationValues values) =>
        (Parameters, Lengths, Values) = (parameters, lengths, values);

    /// <summary>The new parameters.</summary>
    public SparseCodingParameters Parameters { get; }

    /// <summary>What every latent's codes are to be multiplied by.</summary>
    public double[] Lengths { get; }

    /// <summary>The values of the q that was given and the new parameters.</summary>
    public IterationValues Values { get; }

    /// <summary>Makes the step.</summary>
    /// <param name="origin">What the sums count the rows from.</param>
    /// <param name="sums">What the E-step gave.</param>
    /// <param name="hasMean">Whether mu is learned.</param>
    /// <param name="floors">The least scales.</param>
    /// <param name="before">The parameters of the E-step.</param>
    /// <param name="rule">What becomes of the scales.</param>
    /// <param name="share">Which share of the way the fields go.</param>
    public static Maximisation Of(
        double[] origin, SparseCodingSums sums, bool hasMean, SparseCodingFloors floors, SparseCodingParameters before,
        ScaleRule rule = ScaleRule.Free, double share = 1)
    {
        int latents = sums.Seconds.Rows, columns = origin.Length;
        double[] seconds = Seconds(sums, latents, hasMean);
        double[][] products = Products(sums, latents, columns, hasMean), fields = Solve([.. seconds], products);
        for (int h = 0; h < latents && share < 1; h++)
        {
            TensorPrimitives.Multiply(fields[h], share, fields[h]);
            TensorPrimitives.MultiplyAdd(before.Field(h), 1 - share, fields[h], fields[h]);
        }

        if (rule == ScaleRule.Held)
        {
            // What a field's length would do to its scale does not count.
            fields = [.. fields.Select(f => Array.ConvertAll(f, w => w / VectorFold.Norm(f)))];
        }

        double squares = sums.Squares - (hasMean ? VectorFold.SumOfSquares(sums.Centred.AsSpan(0, columns)) / sums.Rows : 0);
        double error = Math.Max(0, Error(squares, seconds, products, fields)) / sums.Rows / columns;
        return Close(origin, sums, fields, hasMean, error, floors, rule, before.Scales);
    }

    /// <summary>Scales and mean for given fields, whose lengths go into the scales.</summary>
    private static Maximisation Close(
        double[] origin,
        SparseCodingSums sums,
        double[][] fields,
        bool hasMean,
        double error,
        SparseCodingFloors floors,
        ScaleRule rule,
        double[] held)
    {
        double[] lengths = Array.ConvertAll(fields, f => VectorFold.Norm(f)), sizes = [.. lengths.Select((l, h) => l * sums.Sizes[h] / sums.Rows)];
        double[] scales = Scales(sizes, rule, held, floors.Scale);
        double priorEntropy = 0, priorResidual = 0, entropy = sums.Entropy / sums.Rows;
        for (int h = 0; h < fields.Length; h++)
        {
            entropy += Math.Log(lengths[h]);
            priorEntropy += 1 + Math.Log(2 * scales[h]);
            priorResidual -= 1 - (sizes[h] / scales[h]);
        }

        double[] mean = hasMean ? Mean(origin, sums, fields) : [.. origin];
        SparseCodingParameters after = SparseCodingParameters.Of(fields, scales, Math.Max(error, floors.Noise), mean);
        double noiseResidual = -0.5 * origin.Length * (1 - (error / after.NoiseVariance)), sum = entropy - priorEntropy - after.NoiseEntropy;
        return new Maximisation(
            after, lengths, new IterationValues(sum - priorResidual - noiseResidual, sum, priorResidual, noiseResidual, 0));
    }

    /// <summary>lambda for mean sizes of the codes.</summary>
    public static double[] Scales(double[] sizes, ScaleRule rule, double[] held, double floor)
    {
        double mean = sizes.Average();
        return rule == ScaleRule.Held ? [.. held] : Array.ConvertAll(sizes, s => Math.Max(rule == ScaleRule.Shared ? mean : s, floor));
    }

    /// <summary>The mean of what the latents leave.</summary>
    public static double[] Mean(double[] origin, SparseCodingSums sums, double[][] fields)
    {
        double[] mean = [.. origin];
        TensorPrimitives.MultiplyAdd(sums.Centred.AsSpan(0, mean.Length), 1.0 / sums.Rows, mean, mean);
        for (int h = 0; h < fields.Length; h++)
        {
            TensorPrimitives.MultiplyAdd(fields[h], -sums.Means[h] / sums.Rows, mean, mean);
        }

        return mean;
    }

    /// <summary><c>sum |x - mu - W nu|^2 + tr W'W T</c> of any fields, mu at its best.</summary>
    private static double Error(double squares, double[] seconds, double[][] products, double[][] fields)
    {
        double[] image = new double[products[0].Length];
        for (int h = 0; h < fields.Length; h++)
        {
            Array.Clear(image);
            for (int k = 0; k < fields.Length; k++)
            {
                TensorPrimitives.MultiplyAdd(fields[k], seconds[(h * fields.Length) + k], image, image);
            }

            TensorPrimitives.MultiplyAdd(products[h], -2, image, image);
            squares += VectorFold.Dot(fields[h], image);
        }

        return squares;
    }

    /// <summary>S about the means.</summary>
    private static double[] Seconds(SparseCodingSums sums, int latents, bool hasMean)
    {
        double[] seconds = new double[ArraySize.Of(latents, latents)];
        for (int h = 0; h < latents; h++)
        {
            Span<double> row = seconds.AsSpan(h * latents, latents);
            sums.Seconds[h].CopyTo(row);
            if (hasMean)
            {
                TensorPrimitives.MultiplyAdd(sums.Means.AsSpan(0, latents), -sums.Means[h] / sums.Rows, row, row);
            }
        }

        return seconds;
    }

    /// <summary>C about the means, a row a latent.</summary>
    private static double[][] Products(SparseCodingSums sums, int latents, int columns, bool hasMean)
    {
        double[][] products = new double[latents][];
        for (int h = 0; h < latents; h++)
        {
            products[h] = sums.Products[h].ToArray();
            if (hasMean)
            {
                TensorPrimitives.MultiplyAdd(sums.Centred.AsSpan(0, columns), -sums.Means[h] / sums.Rows, products[h], products[h]);
            }
        }

        return products;
    }

    /// <summary>The fields: S^-1 times the products, whole rows at a time.</summary>
    private static double[][] Solve(double[] factor, double[][] products)
    {
        int latents = products.Length;
        if (!Cholesky.TryFactor(factor, latents, out int bad))
        {
            throw new TrainingException(FormattableString.Invariant(
                $"Latent {bad} cannot be told from those before it at the precision of the arithmetic; scale the columns (minmax or standard), or use fewer latents."));
        }

        double[][] fields = [.. products.Select(p => p.ToArray())];
        for (int i = 0; i < latents; i++)
        {
            for (int k = 0; k < i; k++)
            {
                TensorPrimitives.MultiplyAdd(fields[k], -factor[(i * latents) + k], fields[i], fields[i]);
            }

            TensorPrimitives.Multiply(fields[i], 1 / factor[(i * latents) + i], fields[i]);
        }

        for (int i = latents - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < latents; k++)
            {
                TensorPrimitives.MultiplyAdd(fields[k], -factor[(k * latents) + i], fields[i], fields[i]);
            }

            TensorPrimitives.Multiply(fields[i], 1 / factor[(i * latents) + i], fields[i]);
        }

        return fields;
    }
}
