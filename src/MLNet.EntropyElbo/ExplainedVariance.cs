using EntropyElbo.Data;
using EntropyElbo.Models;

namespace MLNet.EntropyElbo;

/// <summary>
/// How much of the rows' variance the latents explain, all together and one by one: shares of the variance of the columns as the model
/// scales them.
/// </summary>
public sealed class ExplainedVariance
{
    internal ExplainedVariance(double total, double[] latents, long rows)
    {
        Total = total;
        Latents = latents;
        Rows = rows;
    }

    /// <summary>
    /// One minus the squared error of rows decoded from their latent means, as a share of their variance: at most 1, and 0 for a model
    /// that decodes every row to the mean.
    /// </summary>
    public double Total { get; }

    /// <summary>
    /// By how much <see cref="Total"/> falls when a latent of every row is put to its mean. For latents that are uncorrelated and decoded
    /// linearly these add up to the total; otherwise what several latents say together is in none of them, or in each.
    /// </summary>
    public IReadOnlyList<double> Latents { get; }

    /// <summary>Rows, those with missing values left out.</summary>
    public long Rows { get; }

    /// <summary>Measures it, in two passes over the rows.</summary>
    internal static ExplainedVariance Of(LatentModel model, IRowSource rows)
    {
        int columns = model.ObservedDimension, latents = model.LatentDimension;
        double[] means = new double[columns], codeMeans = new double[latents];
        long count = 0;
        foreach ((double[] row, double[] code) in Encoded(model, rows))
        {
            count++;
            Move(means, row, count);
            Move(codeMeans, code, count);
        }

        double variance = 0;
        double[] errors = new double[latents + 1];
        foreach ((double[] row, double[] code) in Encoded(model, rows))
        {
            variance += SquaredDistance(row, means);
            errors[latents] += Error(model, row, code);
            for (int h = 0; h < latents; h++)
            {
                double own = code[h];
                code[h] = codeMeans[h];
                errors[h] += Error(model, row, code);
                code[h] = own;
            }
        }

        return new ExplainedVariance(
            1 - (errors[latents] / variance), [.. errors[..latents].Select(e => (e - errors[latents]) / variance)], count);
    }

    /// <summary>Scaled rows with their codes; those with missing values are left out.</summary>
    private static IEnumerable<(double[] Row, double[] Code)> Encoded(LatentModel model, IRowSource rows)
    {
        double[] row = new double[rows.Columns], code = new double[model.LatentDimension], variances = new double[model.LatentDimension];
        using IRowCursor cursor = rows.Open();
        while (cursor.Read(row) > 0)
        {
            if (Array.TrueForAll(row, double.IsFinite))
            {
                model.Encode(row, code, variances);
                model.Scaling.Apply(row);
                yield return (row, code);
            }
        }
    }

    private static double Error(LatentModel model, double[] scaledRow, double[] code)
    {
        double[] decoded = new double[scaledRow.Length];
        model.Decode(code, decoded);
        model.Scaling.Apply(decoded);
        return SquaredDistance(scaledRow, decoded);
    }

    private static void Move(double[] means, double[] values, long count)
    {
        for (int i = 0; i < means.Length; i++)
        {
            means[i] += (values[i] - means[i]) / count;
        }
    }

    private static double SquaredDistance(double[] one, double[] other)
    {
        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        }

        return sum;
    }
}
