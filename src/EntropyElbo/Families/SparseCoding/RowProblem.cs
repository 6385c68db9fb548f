using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The profile where E-steps go row by row, for any terms of the columns.</summary>
/// <param name="latents">H.</param>
/// <param name="units">What variables are counted from and in.</param>
/// <param name="pass">The rows.</param>
/// <param name="terms">The columns' terms for parameters.</param>
/// <param name="baseMeasure">Mean log base measure of a row.</param>
/// <param name="tolerance">Of the E-steps.</param>
/// <param name="isShared">Whether there is one scale for all latents.</param>
internal sealed class RowProblem(
    int latents, ProfileUnits units, RowPass pass, Func<SparseCodingParameters, ColumnTerms> terms, double baseMeasure, double tolerance,
    bool isShared) : ProfileVariables(latents, units, isShared)
{
    private readonly MatrixView<double> _gradients = new Matrix<double>(latents, units.Origin.Length);

    /// <inheritdoc/>
    public override double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        SparseCodingParameters parameters = At(point);
        if (!parameters.IsFinite)
        {
            return double.NaN;
        }

        RowBound bound = new(parameters.Fields, parameters.Mean, parameters.Scales, terms(parameters)) { Tolerance = tolerance };
        RowSums sums = pass.Run(bound, Cancellation);
        double[] sizes = Array.ConvertAll(sums.Sizes, s => s / sums.Rows);
        Values = ValuesOf(parameters, sums, sizes, baseMeasure);
        FieldGradients(parameters, sums);
        FillGradient(parameters, _gradients, sizes, sums.NoiseResidual / sums.Rows, gradient);
        Span<double> means = MeanPart(gradient);
        for (int d = 0; d < means.Length; d++)
        {
            means[d] = sums.Offsets[d] / sums.Rows;
        }

        ScaleMeans(means);
        return -Values.Elbo;
    }

    /// <summary>The values of an E-step.</summary>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="sums">What it gave.</param>
    /// <param name="sizes">Mean E|z|.</param>
    /// <param name="baseMeasure">Mean log base measure of a row.</param>
    public static IterationValues ValuesOf(SparseCodingParameters parameters, RowSums sums, double[] sizes, double baseMeasure)
    {
        double entropy = sums.Entropy / sums.Rows, value = (sums.Value / sums.Rows) + baseMeasure;
        double logPrior = 0, priorEntropy = 0, residual = 0;
        for (int h = 0; h < sizes.Length; h++)
        {
            double normaliser = Math.Log(2 * parameters.Scales[h]), ratio = sizes[h] / parameters.Scales[h];
            logPrior -= normaliser + ratio;
            priorEntropy += 1 + normaliser;
            residual -= 1 - ratio;
        }

        double entropySum = entropy - priorEntropy - (sums.NoiseEntropy / sums.Rows) + baseMeasure;
        return new IterationValues(entropy + logPrior + value, entropySum, residual, sums.NoiseResidual / sums.Rows, 0);
    }

    /// <summary>Derivatives by the columns of W, without the part along the column.</summary>
    private void FieldGradients(SparseCodingParameters parameters, RowSums sums)
    {
        for (int h = 0; h < _gradients.Rows; h++)
        {
            Span<double> row = _gradients[h];
            for (int d = 0; d < row.Length; d++)
            {
                row[d] = sums.Fields[d][h] / sums.Rows;
            }
        }

        parameters.ToTangents(_gradients);
    }
}
