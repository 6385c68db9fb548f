using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The ELBO of sparse coding (V eq. 123 to 125) with codes by the residual encoder (V Fig. 6, 7) as a graph of tensors in single
/// precision, written from the formulas, not from the library's own gradients: so that the two engines check each other. The fields
/// are a leaf beside the network's parameters.
/// </summary>
internal sealed class AmortisedGraph : IDisposable
{
    private readonly RowEncoder _encoder;
    private readonly ResidualEncoder _shape;
    private readonly TorchPrecision _precision;
    private readonly Tensor _offset;
    private readonly Tensor _generative; // W' [H, D], then 1 / lambda, then mu, in one tensor that is copied to.
    private readonly float[] _host;
    private double _noiseVariance;

    public AmortisedGraph(RowEncoder encoder, Device device, TorchPrecision precision)
    {
        (_encoder, _shape, _precision) = (encoder, encoder.Network, precision);
        using DisposeScope scope = NewDisposeScope();
        Network = new DeviceParameters(_shape.Layout, device);
        _offset = Transfers.MoveArray(Array.ConvertAll(encoder.Offset, o => (float)o), device).DetachFromDisposeScope();
        _host = new float[(_shape.Latents * _shape.Columns) + _shape.Latents + _shape.Columns];
        _generative = zeros(_host.Length, dtype: float32, device: device).DetachFromDisposeScope();
        Fields = _generative.narrow(0, 0, (long)_shape.Latents * _shape.Columns).view(_shape.Latents, _shape.Columns).detach()
            .requires_grad_().DetachFromDisposeScope();
        FieldGradient = zeros_like(Fields).DetachFromDisposeScope();
        Fields.grad = FieldGradient;
    }

    /// <summary>The network's parameters.</summary>
    public DeviceParameters Network { get; }

    /// <summary>W', [H, D].</summary>
    public Tensor Fields { get; }

    /// <summary>The gradient by them; added to by <c>backward</c>.</summary>
    public Tensor FieldGradient { get; }

    /// <summary>Takes the generative parameters.</summary>
    public void Use(SparseCodingParameters parameters)
    {
        int latents = _shape.Latents, columns = _shape.Columns;
        for (int d = 0; d < columns; d++)
        {
            ReadOnlySpan<double> fields = parameters.Fields[d];
            for (int h = 0; h < latents; h++)
            {
                _host[(h * columns) + d] = (float)fields[h];
            }

            _host[(latents * columns) + latents + d] = (float)parameters.Mean[d];
        }

        for (int h = 0; h < latents; h++)
        {
            _host[(latents * columns) + h] = (float)(1 / parameters.Scales[h]);
        }

        _noiseVariance = parameters.NoiseVariance;
        using IDisposable none = no_grad();
        using Tensor lent = from_array(_host);
        _generative.copy_(lent);
    }

    /// <summary>
    /// Minus the mean weighted ELBO of a batch, without what no gradient sees, and its sums as <see cref="CodeSums"/> reads them.
    /// </summary>
    /// <param name="x">[n, D], scaled.</param>
    /// <param name="prior">gamma.</param>
    /// <param name="noise">delta.</param>
    public (Tensor Loss, Tensor Sums) Objective(Tensor x, double prior, double noise)
    {
        int latents = _shape.Latents, columns = _shape.Columns;
        Tensor weights = _generative.narrow(0, (long)latents * columns, latents);
        Tensor heads = Run((x - _offset).Over(_encoder.Unit));
        Tensor centred = x - _generative.narrow(0, ((long)latents * columns) + latents, columns);
        Tensor mean = heads.narrow(1, 0, latents).Times(_encoder.Unit);
        Tensor deviation = heads.narrow(1, latents, latents).Softplus().Plus(EncoderHeads.LeastDeviation).Times(_encoder.Unit);
        Tensor variance = deviation.Square(), logs = deviation.log().sum(1L).to(float64);
        Tensor errors = (centred - matmul(mean, Fields)).Square().sum(1L).Plus(matmul(variance, Fields.Square().sum(1L)));
        Tensor seconds = matmul(mean.t(), mean).Plus(diag(variance.sum(0L)));
        if (_shape.Rank > 0)
        {
            Tensor vectors = heads.narrow(1, 2L * latents, (long)_shape.Rank * latents).Times(_encoder.Unit)
                .reshape(-1, _shape.Rank, latents);
            Tensor flat = vectors.reshape(-1, latents);
            logs = logs.Plus(HalfLogCore(vectors / deviation.unsqueeze(1)));
            errors = errors.Plus(matmul(flat, Fields).Square().reshape(x.shape[0], -1).sum(1L));
            variance = variance.Plus(vectors.Square().sum(1L));
            seconds = seconds.Plus(matmul(flat.t(), flat));
        }

        Tensor sizes = VaeGraph.ExpectedSizes(mean, variance.sqrt());
        Tensor bounds = logs.Plus(matmul(sizes, weights).to(float64).Times(-prior))
            .Plus(errors.to(float64).Times(-0.5 * noise / _noiseVariance));
        Tensor[] sums =
        [
            matmul(mean.t(), centred).flatten(), seconds.flatten(), mean.sum(0L), sizes.sum(0L), centred.sum(0L),
            centred.Square().sum().reshape(1), logs.sum().reshape(1), errors.sum().reshape(1),
        ];
        return (bounds.mean().Times(-1), cat([.. sums.Select(s => s.detach().to(float64))]));
    }

    public void Dispose()
    {
        Network.Dispose();
        foreach (Tensor tensor in (Tensor[])[Fields, FieldGradient, _generative, _offset])
        {
            tensor.Dispose();
        }
    }

    /// <summary><c>1/2 log|I + V'D^-1 V|</c> of every row, for <c>D^-1/2 V</c>: [n, r, H].</summary>
    private static Tensor HalfLogCore(Tensor scaled)
    {
        Tensor core = matmul(scaled, scaled.transpose(1, 2)).to(float64).Plus(eye(scaled.shape[1], dtype: float64, device: scaled.device));
        return linalg.cholesky_ex(core).L.diagonal(0, 1, 2).log().sum(1L);
    }

    private Tensor Run(Tensor x)
    {
        Tensor stream = Network.Affine(_shape.Input, x, _precision);
        foreach ((Dense up, Dense down) in _shape.Blocks)
        {
            Tensor inner = Network.Affine(up, stream.relu(), _precision).relu();
            stream = stream.Plus(Network.Affine(down, inner, _precision));
        }

        return Network.Affine(_shape.Heads, stream, _precision);
    }
}
