using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// The generative parameters: <c>z_h ~ Laplace(lambda_h)</c>, <c>x|z ~ N(mu + W z, sigma^2 I)</c>, columns of W of length 1. Not
/// changed once made.
/// </summary>
internal sealed class SparseCodingParameters
{
    private SparseCodingParameters(double[][] fields, double[] lengths, double[] scales, double noiseVariance, double[] mean)
    {
        (Scales, NoiseVariance, Mean, Lengths) = (scales, noiseVariance, mean, lengths);
        Fields = new Matrix<double>(mean.Length, scales.Length);
        for (int h = 0; h < scales.Length; h++)
        {
            for (int d = 0; d < mean.Length; d++)
            {
                Fields[d][h] = fields[h][d] / lengths[h];
            }
        }
    }

    /// <summary>Parameters whose fields are made to have length 1.</summary>
    /// <param name="fields">Columns of W, an array of D values a latent, of any length above 0.</param>
    /// <param name="scales">lambda, H values.</param>
    /// <param name="noiseVariance">sigma^2.</param>
    /// <param name="mean">mu, D values.</param>
    public static SparseCodingParameters Of(double[][] fields, double[] scales, double noiseVariance, double[] mean) =>
        new(fields, Array.ConvertAll(fields, f => VectorFold.Norm(f)), scales, noiseVariance, mean);

    /// <summary>Parameters whose fields have length 1 already, and keep their bits.</summary>
    public static SparseCodingParameters OfUnitFields(double[][] fields, double[] scales, double noiseVariance, double[] mean) =>
        new(fields, Array.ConvertAll(fields, _ => 1.0), scales, noiseVariance, mean);

    /// <summary>H.</summary>
    public int Latents => Scales.Length;

    /// <summary>D.</summary>
    public int Columns => Mean.Length;

    /// <summary>W, [D, H], its columns of length 1.</summary>
    public MatrixView<double> Fields { get; }

    /// <summary>What the columns' lengths were before they were made 1.</summary>
    public double[] Lengths { get; }

    /// <summary>lambda.</summary>
    public double[] Scales { get; private set; }

    /// <summary>sigma^2.</summary>
    public double NoiseVariance { get; private set; }

    /// <summary>mu.</summary>
    public double[] Mean { get; }

    /// <summary>Entropy of the observable distribution, the same for every z.</summary>
    public double NoiseEntropy => 0.5 * Columns * (SpecialFunctions.LogTwoPi + 1 + Math.Log(NoiseVariance));

    /// <summary>Whether all numbers are finite.</summary>
    public bool IsFinite => double.IsFinite(NoiseVariance) && TensorPrimitives.IsFiniteAll<double>(Scales)
        && TensorPrimitives.IsFiniteAll<double>(Mean) && TensorPrimitives.IsFiniteAll<double>(Fields.Entries);

    /// <summary>The same fields and mean with other scales.</summary>
    public SparseCodingParameters With(double[] scales, double noiseVariance)
    {
        SparseCodingParameters other = (SparseCodingParameters)MemberwiseClone();
        (other.Scales, other.NoiseVariance) = (scales, noiseVariance);
        return other;
    }

    /// <summary>A column of W.</summary>
    public double[] Field(int latent)
    {
        double[] field = new double[Columns];
        for (int d = 0; d < field.Length; d++)
        {
            field[d] = Fields[d][latent];
        }

        return field;
    }

    /// <summary>Takes out of derivatives by the fields, [H, D], what lies along each field: fields stay on the unit sphere.</summary>
    public void ToTangents(MatrixView<double> gradient)
    {
        for (int h = 0; h < gradient.Rows; h++)
        {
            Span<double> row = gradient[h];
            double along = 0;
            for (int d = 0; d < row.Length; d++)
            {
                along += row[d] * Fields[d][h];
            }

            for (int d = 0; d < row.Length; d++)
            {
                row[d] -= along * Fields[d][h];
            }
        }
    }

    /// <summary>The latents by falling scales.</summary>
    public int[] Order() => [.. Enumerable.Range(0, Latents).OrderByDescending(h => Scales[h])];

    /// <summary>Whether the largest entry of a field is negative.</summary>
    public bool IsFlipped(int latent) => Field(latent).MaxBy(Math.Abs) < 0;

    /// <summary>The same model in the one order that files have: falling scales, and the largest entry of every field positive.</summary>
    public SparseCodingParameters InOrder()
    {
        int[] order = Order();
        double[][] fields = [.. order.Select(Field)];
        for (int place = 0; place < fields.Length; place++)
        {
            double[] field = fields[place];
            bool isFlipped = IsFlipped(order[place]);
            for (int d = 0; d < field.Length && isFlipped; d++)
            {
                field[d] = -field[d];
            }
        }

        return OfUnitFields(fields, [.. order.Select(h => Scales[h])], NoiseVariance, [.. Mean]);
    }
}
