using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// The ELBO of sparse coding (V eq. 123 to 125), nats per row, and its parts, for given q and parameters: <c>EL = mean 1/2 log|2 pi
/// e T| - sum_h [log 2 lambda_h + m_h / lambda_h] - D/2 log 2 pi sigma^2 - s D / (2 sigma^2)</c>, with <c>m_h = mean E|z_h|</c> and
/// <c>s = mean (|x - mu - W nu|^2 + tr W'W T) / D</c>. With the scales at their optima <c>lambda_h = m_h</c>, <c>sigma^2 = s</c> (V
/// Theorem 2) it is the entropy form LH (V eq. 15), whose terms may be weighted (V eq. 17).
/// </summary>
internal sealed class SparseCodingObjective
{
    private readonly SparseCodingParameters _parameters;
    private readonly SparseCodingSums _sums;

    public SparseCodingObjective(SparseCodingParameters parameters, SparseCodingSums sums)
    {
        (_parameters, _sums) = (parameters, sums);
        Entropy = sums.Entropy / sums.Rows;
        Sizes = new double[parameters.Latents];
        for (int h = 0; h < Sizes.Length; h++)
        {
            Sizes[h] = sums.Sizes[h] / sums.Rows;
            PriorEntropy += LaplaceLatents.Entropy(parameters.Scales[h]);
            PriorResidual -= 1 - (Sizes[h] / parameters.Scales[h]);
            LogPrior -= Math.Log(2 * parameters.Scales[h]) + (Sizes[h] / parameters.Scales[h]);
            ClosedPriorEntropy += LaplaceLatents.Entropy(Sizes[h]);
        }

        MeanError = sums.Errors / sums.Rows / parameters.Columns;
        double ratio = MeanError / parameters.NoiseVariance;
        NoiseResidual = -0.5 * parameters.Columns * (1 - ratio);
        Reconstruction = -0.5 * parameters.Columns * (SpecialFunctions.LogTwoPi + Math.Log(parameters.NoiseVariance) + ratio);
        ClosedNoiseEntropy = 0.5 * parameters.Columns * (SpecialFunctions.LogTwoPi + 1 + Math.Log(MeanError));
    }

    /// <summary>The parameters.</summary>
    public SparseCodingParameters Parameters => _parameters;

    /// <summary>m.</summary>
    public double[] Sizes { get; }

    /// <summary>s.</summary>
    public double MeanError { get; }

    /// <summary>Mean entropy of q.</summary>
    public double Entropy { get; }

    /// <summary>Entropy of the prior.</summary>
    public double PriorEntropy { get; }

    /// <summary><c>-sum_h (1 - m_h / lambda_h)</c>.</summary>
    public double PriorResidual { get; }

    /// <summary><c>-D/2 (1 - s / sigma^2)</c>.</summary>
    public double NoiseResidual { get; }

    /// <summary>Mean expected log density of the prior.</summary>
    public double LogPrior { get; }

    /// <summary>Mean expected log density of the rows.</summary>
    public double Reconstruction { get; }

    /// <summary>Entropy of the prior with <c>lambda = m</c>.</summary>
    public double ClosedPriorEntropy { get; }

    /// <summary>Entropy of the observable distribution with <c>sigma^2 = s</c>.</summary>
    public double ClosedNoiseEntropy { get; }

    /// <summary>The classical ELBO.</summary>
    public double Elbo => Entropy + LogPrior + Reconstruction;

    /// <summary>Entropy sum of the parameters as they are.</summary>
    public double EntropySum => Entropy - PriorEntropy - _parameters.NoiseEntropy;

    /// <summary>The entropy form, with the scales at their optima for this q.</summary>
    /// <param name="priorWeight">gamma.</param>
    /// <param name="noiseWeight">delta.</param>
    public double EntropyForm(double priorWeight = 1, double noiseWeight = 1) =>
        Entropy - (priorWeight * ClosedPriorEntropy) - (noiseWeight * ClosedNoiseEntropy);

    /// <summary>
    /// Derivatives by the columns of W, which have length 1, along the unit spheres: <c>(delta / sigma^2) mean (r nu' - W T)</c>
    /// without the part along the column. With sigma^2 = s they are those of the entropy form too (V Theorem 3).
    /// </summary>
    /// <param name="noiseWeight">delta.</param>
    /// <param name="gradient">[H, D], filled.</param>
    public void FieldGradients(double noiseWeight, MatrixView<double> gradient)
    {
        double factor = noiseWeight / (_parameters.NoiseVariance * _sums.Rows);
        MatrixProduct.MultiplyTransposedRight(_sums.Seconds, _parameters.Fields, gradient, default, 1.0, new ProductScratch<double>());
        for (int h = 0; h < gradient.Rows; h++)
        {
            Span<double> row = gradient[h];
            for (int d = 0; d < row.Length; d++)
            {
                row[d] = factor * (_sums.Products[h][d] - row[d]);
            }
        }

        _parameters.ToTangents(gradient);
    }

    /// <summary>Derivatives by mu: <c>(delta / sigma^2) mean r</c>.</summary>
    /// <param name="noiseWeight">delta.</param>
    /// <param name="gradient">D values, filled.</param>
    public void MeanGradient(double noiseWeight, Span<double> gradient)
    {
        double factor = noiseWeight / (_parameters.NoiseVariance * _sums.Rows);
        for (int d = 0; d < gradient.Length; d++)
        {
            gradient[d] = factor * (_sums.Centred[d] - VectorFold.Dot(_parameters.Fields[d], _sums.Means.AsSpan(0, _parameters.Latents)));
        }
    }

    /// <summary>The values of an iteration.</summary>
    public IterationValues Values() => new(Elbo, EntropySum, PriorResidual, NoiseResidual, 0);
}
