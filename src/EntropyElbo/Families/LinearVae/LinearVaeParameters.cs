using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// Where the parameters of a linear VAE (D eq. 18, 19) lie in one vector: V' [D, H], W [D, H], mu_0 [D], log tau^2 [H] and
/// rho, with the noise variance <c>sigma^2 = floor + exp rho</c>.
/// </summary>
/// <param name="columns">Columns, D.</param>
/// <param name="latents">Latents, H.</param>
/// <param name="varianceFloor">The noise variance stays above this; 0 for none.</param>
/// <param name="observed">
/// Columns that have noise; null for D. More than D where D are the directions in which rows vary, and the noise of the
/// others is all there is to them.
/// </param>
internal sealed class LinearVaeParameters(int columns, int latents, double varianceFloor, int? observed = null)
{
    /// <summary>Standard deviation of random initial weights (chosen here).</summary>
    public const double InitialDeviation = 0.1;

    public int Columns => columns;

    public int Latents => latents;

    public int Observed { get; } = observed ?? columns;

    public double VarianceFloor => varianceFloor;

    /// <summary>Entries of V, and of W.</summary>
    public int Weights => columns * latents;

    public int Length => (2 * Weights) + columns + latents + 1;

    public Span<double> Encoder(Span<double> vector) => vector[..Weights];

    public Span<double> Loadings(Span<double> vector) => vector.Slice(Weights, Weights);

    public Span<double> Mean(Span<double> vector) => vector.Slice(2 * Weights, columns);

    public Span<double> LogLatentVariances(Span<double> vector) => vector.Slice((2 * Weights) + columns, latents);

    public ref double LogNoise(Span<double> vector) => ref vector[Length - 1];

    public ReadOnlySpan<double> Encoder(ReadOnlySpan<double> vector) => vector[..Weights];

    public ReadOnlySpan<double> Loadings(ReadOnlySpan<double> vector) => vector.Slice(Weights, Weights);

    public ReadOnlySpan<double> Mean(ReadOnlySpan<double> vector) => vector.Slice(2 * Weights, columns);

    public ReadOnlySpan<double> LogLatentVariances(ReadOnlySpan<double> vector) => vector.Slice((2 * Weights) + columns, latents);

    public double NoiseVariance(ReadOnlySpan<double> vector) => varianceFloor + Math.Exp(vector[Length - 1]);

    /// <summary>Whether the floor makes up most of the noise variance.</summary>
    public bool IsFloored(ReadOnlySpan<double> vector) => Math.Exp(vector[Length - 1]) < varianceFloor;

    /// <summary>Small random weights, mean 0, unit variances.</summary>
    public void Initialise(Span<double> vector, ulong seed)
    {
        vector.Clear();
        Span<double> weights = vector[..(2 * Weights)];
        new RandomStream(seed, RandomPurpose.Initialisation).FillGaussian(weights);
        System.Numerics.Tensors.TensorPrimitives.Multiply(weights, InitialDeviation, weights);
    }

    /// <summary>The parameters of a model.</summary>
    public void Load(Span<double> vector, LinearGaussian known)
    {
        Span<double> encoder = Encoder(vector), logs = LogLatentVariances(vector);
        for (int i = 0; i < encoder.Length; i++)
        {
            encoder[i] = known.Encoder[(i % latents * columns) + (i / latents)];
        }

        for (int h = 0; h < latents; h++)
        {
            logs[h] = Math.Log(known.LatentVariance(h));
        }

        known.Loadings.CopyTo(Loadings(vector));
        known.Mean.CopyTo(Mean(vector));
        double noise = known.NoiseVariances[0];
        LogNoise(vector) = Math.Log(Math.Max(noise - varianceFloor, 1e-9 * noise));
    }

    /// <summary>
    /// Entropy sum at stationary points (D Cor. 1, eq. 20): <c>1/2 sum log tau_h^2 - D/2 log(2 pi e sigma^2)</c>.
    /// </summary>
    public double EntropySum(ReadOnlySpan<double> vector)
    {
        double logs = VectorFold.Sum(LogLatentVariances(vector));
        return 0.5 * (logs - (Observed * Math.Log(2 * Math.PI * Math.E * NoiseVariance(vector))));
    }

    /// <summary>The ELBO at a point split by cause.</summary>
    /// <param name="vector">The point.</param>
    /// <param name="elbo">ELBO, nats per row.</param>
    /// <param name="secondMoment">Mean of <c>E |z|^2</c>.</param>
    /// <param name="squares">Mean expected squared error, Q.</param>
    public IterationValues Values(ReadOnlySpan<double> vector, double elbo, double secondMoment, double squares)
    {
        int collapsed = 0;
        double encoder = 0;
        foreach (double log in LogLatentVariances(vector))
        {
            encoder += 0.5 * (Math.Log(2 * Math.PI * Math.E) + log);

            // Entropy above one nat (D eq. 24).
            collapsed += 0.5 * (Math.Log(2 * Math.PI * Math.E) + log) > 1 ? 1 : 0;
        }

        double variance = NoiseVariance(vector), noise = -0.5 * (Observed - (squares / variance));
        double decoder = 0.5 * Observed * Math.Log(2 * Math.PI * Math.E * variance), reconstruction = -decoder - noise;
        return new IterationValues(elbo, EntropySum(vector), -0.5 * (latents - secondMoment), noise, collapsed)
        {
            Parts = new(
                reconstruction, reconstruction - elbo, encoder, latents * SpecialFunctions.StandardNormalEntropy, decoder, BaseMeasure: 0),
            NoiseVariance = variance,
        };
    }

    /// <summary>The parameters as a linear Gaussian model.</summary>
    public LinearGaussian ToLinearGaussian(ReadOnlySpan<double> vector)
    {
        double[] encoder = new double[Weights];
        ReadOnlySpan<double> transposed = Encoder(vector);
        for (int i = 0; i < encoder.Length; i++)
        {
            encoder[i] = transposed[(i % columns * latents) + (i / columns)];
        }

        double[] noise = new double[columns];
        Array.Fill(noise, NoiseVariance(vector));
        return LinearGaussian.WithEncoder(
            Mean(vector).ToArray(),
            Loadings(vector).ToArray(),
            noise,
            encoder,
            Array.ConvertAll(LogLatentVariances(vector).ToArray(), Math.Exp));
    }
}
