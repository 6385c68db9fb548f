using System.Numerics.Tensors;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// Minus the ELBO per row of a linear VAE (D eq. 18, 19) in closed form (Lucas et al. 2019, App. C), from the mean m and
/// covariance S of the rows, and its gradient. With <c>R = S + (m - mu_0)(m - mu_0)'</c>:
/// <c>Q = tr((I - W V) R (I - W V)') + sum tau_h^2 |w_h|^2</c>,
/// <c>-ELBO = D/2 log(2 pi sigma^2) + Q/(2 sigma^2) + 1/2 sum(tau_h^2 - 1 - log tau_h^2) + 1/2 tr(V R V')</c>.
/// Holds its buffers: one per thread.
/// </summary>
internal sealed class LinearVaeObjective : ILinearVaeObjective
{
    private readonly MatrixView<double> _encoder;
    private readonly MatrixView<double> _loadings;
    private readonly MatrixView<double> _spread;
    private readonly MatrixView<double> _product;
    private readonly MatrixView<double> _scratch;
    private readonly MatrixView<double> _codes;
    private readonly MatrixView<double> _gram;
    private readonly double[] _offset;
    private readonly double[] _error;
    private readonly double[] _code;
    private readonly double[] _back;
    private readonly double[] _latentVariances;

    public LinearVaeObjective(LinearVaeParameters parameters, LinearVaeStatistics statistics)
    {
        Parameters = parameters;
        Statistics = statistics;
        int columns = parameters.Columns;
        int latents = parameters.Latents;
        _encoder = new Matrix<double>(columns, latents);
        _loadings = new Matrix<double>(columns, latents);
        _spread = new Matrix<double>(columns, latents);
        _product = new Matrix<double>(columns, latents);
        _scratch = new Matrix<double>(columns, latents);
        _codes = new Matrix<double>(latents, latents);
        _gram = new Matrix<double>(latents, latents);
        _offset = new double[columns];
        _error = new double[columns];
        _code = new double[latents];
        _back = new double[latents];
        _latentVariances = new double[latents];
    }

    public LinearVaeParameters Parameters { get; }

    public LinearVaeStatistics Statistics { get; }

    public int Dimension => Parameters.Length;

    /// <inheritdoc/>
    public IterationValues Values { get; private set; }

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        double noise = Parameters.NoiseVariance(point);
        Load(point);
        (double squares, double codes) = Moments();
        double value = Value(point, noise, squares, codes);
        EncoderGradient(noise, Parameters.Encoder(gradient));
        LoadingsGradient(noise, Parameters.Loadings(gradient));
        MeanGradient(noise, Parameters.Mean(gradient));
        Span<double> latentGradient = Parameters.LogLatentVariances(gradient);
        for (int h = 0; h < latentGradient.Length; h++)
        {
            latentGradient[h] = 0.5 * ((_latentVariances[h] * ((_gram[h][h] / noise) + 1)) - 1);
        }

        // d sigma^2 / d rho = exp rho.
        Parameters.LogNoise(gradient) =
            0.5 * (Parameters.Observed - (squares / noise)) * ((noise - Parameters.VarianceFloor) / noise);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Its buffers are the collector's.
    }

    private void Load(ReadOnlySpan<double> point)
    {
        int latents = Parameters.Latents;
        VectorFunctions.Exp(Parameters.LogLatentVariances(point), _latentVariances);
        TensorPrimitives.Subtract(Statistics.Mean, Parameters.Mean(point), _offset);
        Array.Clear(_code);
        ReadOnlySpan<double> encoder = Parameters.Encoder(point);
        ReadOnlySpan<double> loadings = Parameters.Loadings(point);
        for (int d = 0; d < Parameters.Columns; d++)
        {
            encoder.Slice(d * latents, latents).CopyTo(_encoder[d]);
            loadings.Slice(d * latents, latents).CopyTo(_loadings[d]);
            TensorPrimitives.MultiplyAdd(_encoder[d], _offset[d], _code, _code);
        }
    }

    /// <summary>Q and tr(V R V'); leaves R V', V R V' and W' W in their buffers.</summary>
    private (double Squares, double Codes) Moments()
    {
        ApplySpread(_encoder, _code, _spread);
        MatrixProduct.MultiplyTransposedLeft(_encoder, _spread, _codes);
        MatrixProduct.MultiplyTransposedLeft(_loadings, _loadings, _gram);
        double squares = Statistics.TotalVariance + VectorFold.SumOfSquares(_offset);
        double codes = 0;
        for (int d = 0; d < Parameters.Columns; d++)
        {
            squares -= 2 * VectorFold.Dot(_loadings[d], _spread[d]);
        }

        for (int h = 0; h < Parameters.Latents; h++)
        {
            squares += VectorFold.Dot(_gram[h], _codes[h]) + (_latentVariances[h] * _gram[h][h]);
            codes += _codes[h][h];
        }

        return (squares, codes);
    }

    private double Value(ReadOnlySpan<double> point, double noise, double squares, double codes)
    {
        int columns = Parameters.Observed;
        int latents = Parameters.Latents;
        double secondMoment = codes + VectorFold.Sum(_latentVariances);
        double logs = VectorFold.Sum(Parameters.LogLatentVariances(point));
        double reconstruction = -0.5 * ((columns * Math.Log(2 * Math.PI * noise)) + (squares / noise));
        double kl = 0.5 * (secondMoment - latents - logs);
        Values = Parameters.Values(point, reconstruction - kl, secondMoment, squares);
        return kl - reconstruction;
    }

    /// <summary>d/dV' = (R (V' W'W - W)) / sigma^2 + R V'.</summary>
    private void EncoderGradient(double noise, Span<double> gradient)
    {
        int latents = Parameters.Latents;
        MatrixProduct.Multiply(_encoder, _gram, _product);
        Array.Clear(_back);
        for (int d = 0; d < Parameters.Columns; d++)
        {
            TensorPrimitives.Subtract(_product[d], _loadings[d], _product[d]);
            TensorPrimitives.MultiplyAdd(_product[d], _offset[d], _back, _back);
        }

        ApplySpread(_product, _back, _scratch);
        for (int d = 0; d < Parameters.Columns; d++)
        {
            TensorPrimitives.MultiplyAdd(_scratch[d], 1 / noise, _spread[d], gradient.Slice(d * latents, latents));
        }
    }

    /// <summary>d/dW = (W V R V' + W diag(tau^2) - R V') / sigma^2.</summary>
    private void LoadingsGradient(double noise, Span<double> gradient)
    {
        int latents = Parameters.Latents;
        MatrixProduct.Multiply(_loadings, _codes, _product);
        for (int d = 0; d < Parameters.Columns; d++)
        {
            Span<double> target = gradient.Slice(d * latents, latents);
            TensorPrimitives.MultiplyAdd(_loadings[d], _latentVariances, _product[d], target);
            TensorPrimitives.Subtract(target, _spread[d], target);
            TensorPrimitives.Multiply(target, 1 / noise, target);
        }
    }

    /// <summary>With a = m - mu_0, e = a - W V a: d/dmu_0 = (V' W' e - e) / sigma^2 - V' V a.</summary>
    private void MeanGradient(double noise, Span<double> gradient)
    {
        Array.Clear(_back);
        for (int d = 0; d < gradient.Length; d++)
        {
            _error[d] = _offset[d] - VectorFold.Dot(_loadings[d], _code);
            TensorPrimitives.MultiplyAdd(_loadings[d], _error[d] / noise, _back, _back);
        }

        TensorPrimitives.Subtract(_back, _code, _back);
        for (int d = 0; d < gradient.Length; d++)
        {
            gradient[d] = VectorFold.Dot(_encoder[d], _back) - (_error[d] / noise);
        }
    }

    /// <summary>result = R x, given the offset's product with x.</summary>
    private void ApplySpread(MatrixView<double> x, ReadOnlySpan<double> offsetProduct, MatrixView<double> result)
    {
        Statistics.Multiply(x, result);
        for (int d = 0; d < Parameters.Columns; d++)
        {
            TensorPrimitives.MultiplyAdd(offsetProduct, _offset[d], result[d], result[d]);
        }
    }
}
