using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>What is other where rows have missing values: E-steps go row by row, on the columns that are there.</summary>
internal static class ObservedFit
{
    /// <summary>Refuses what knows no missing values.</summary>
    /// <exception cref="BadOptionException">The message names the option.</exception>
    public static void Require(SparseCodingOptions options)
    {
        const string Rest = "where missing values are left out of their rows";
        BadOptionException.ThrowUnless(
            options.BatchSize is null, SettingNames.Batch,
            $"There are no minibatches {Rest}; leave the batch out: all rows train at once.");
        BadOptionException.ThrowUnless(
            options.Optimizer == SparseCodingOptimizer.LBfgs, "optimizer",
            $"The only optimizer {Rest} is l-bfgs; choose it, or leave the optimizer out.");
        BadOptionException.ThrowUnless(
            (options.From?.Scaling.Kind ?? options.Scaling) == ScalingKind.None, SettingNames.Scale,
            $"Columns are not scaled {Rest}; say none, or scale them beforehand.");
        Require(options.Shape, options.IsAmortised);
    }

    /// <summary>Refuses codes that know no missing values.</summary>
    /// <exception cref="BadOptionException">The message names the option.</exception>
    public static void Require(CovarianceShape shape, bool hasNetwork)
    {
        BadOptionException.ThrowUnless(
            !hasNetwork, "learning", "A network's codes are for whole rows: learn by e-steps where missing values are left out of their rows.");
        BadOptionException.ThrowUnless(
            shape.Rank is null, "covariance",
            "Covariances are diagonal or full where missing values are left out of their rows; choose one of these.");
    }

    /// <summary>Means and variances of the values that are there; 0 of columns without any.</summary>
    public static SparseCodingColumns Columns(CheckedRows rows, CancellationToken cancellation)
    {
        int columns = rows.Columns;
        double[] means = new double[columns], squares = new double[columns], counts = new double[columns];
        using IRowCursor cursor = rows.Open();
        double[] block = RowBlock.Allocate(columns), weights = RowBlock.AllocateWeights(rows);
        long all = 0;
        for (int read = cursor.Read(block, weights); read > 0; all += read, read = cursor.Read(block, weights))
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < read * columns; i++)
            {
                int d = i % columns;
                if (!double.IsNaN(block[i]))
                {
                    double difference = block[i] - means[d], weight = rows.HasWeights ? weights[i / columns] : 1;
                    counts[d] += weight;
                    means[d] += weight * difference / counts[d];
                    squares[d] += weight * difference * (block[i] - means[d]);
                }
            }
        }

        FitReports.RequireRows(all, 2);
        double[] variances = [.. squares.Zip(counts, (s, n) => n > 0 ? s / n : 0)];
        int[] constant = [.. Enumerable.Range(0, columns).Where(d => variances[d] == 0)];
        double[] ones = new double[columns];
        Array.Fill(ones, 1);
        Scaling scaling = new(ScalingKind.None, new double[columns], ones, constant);
        return new SparseCodingColumns(scaling, means, variances, all, 0).Checked();
    }

    /// <summary>Fields are 0 in columns that never show a value: nothing can be learned of them.</summary>
    public static SparseCodingParameters WithoutUnseen(
        SparseCodingParameters start, SparseCodingColumns columns, ReadOnlySpan<double> values)
    {
        double[] seen = new double[columns.Count];
        for (int i = 0; i < values.Length; i++)
        {
            seen[i % columns.Count] = double.IsNaN(values[i]) ? seen[i % columns.Count] : 1;
        }

        double[][] fields = [.. Enumerable.Range(0, start.Latents).Select(start.Field)];
        Array.ForEach(fields, f => TensorPrimitives.Multiply(f, seen, f));
        return SparseCodingParameters.Of(fields, start.Scales, start.NoiseVariance, start.Mean);
    }

    /// <summary>A fit from parameters.</summary>
    public static ISparseCodingFit Begin(
        SparseCodingOptions options, SparseCodingColumns columns, RowPass pass, SparseCodingParameters start, ScaleStart scaleStart)
    {
        pass.Forget();
        ProfileUnits units = ProfileProblem.UnitsOf(options, columns);
        ProfileSetup setup = new(
            pass,
            isShared => new RowProblem(
                options.Latents, units, pass, p => new ObservedTerms(p.NoiseVariance), 0, options.InnerTolerance, isShared),
            columns.Size,
            options.StationarityTolerance);
        return new ProfileFit(setup, start, scaleStart);
    }
}
