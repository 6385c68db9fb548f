using EntropyElbo.Families.LinearVae;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The closed-form ELBO of a linear VAE (D eq. 18, 19; Lucas et al. 2019, App. C) as a graph of tensors in double precision on the
/// device; its gradient is autograd's. The covariance of all rows is moved there once, the rows of a batch for each evaluation.
/// </summary>
internal sealed class TorchLinearVaeObjective : ILinearVaeObjective
{
    private readonly LinearVaeParameters _parameters;
    private readonly LinearVaeStatistics _statistics;
    private readonly Device _device;
    private readonly Tensor? _covariance;

    public TorchLinearVaeObjective(LinearVaeParameters parameters, LinearVaeStatistics statistics, Device device)
    {
        _parameters = parameters;
        _statistics = statistics;
        _device = device;
        if (!statistics.Source.AreRows)
        {
            using DisposeScope scope = NewDisposeScope();
            _covariance = Transfers.Move(statistics.Source.Values, device).DetachFromDisposeScope();
        }
    }

    /// <inheritdoc/>
    public int Dimension => _parameters.Length;

    /// <inheritdoc/>
    public IterationValues Values { get; private set; }

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        int columns = _parameters.Columns, latents = _parameters.Latents;
        Tensor leaf = Transfers.Move(point, _device).requires_grad_();
        long place = 0;
        Tensor Next(long length) => leaf.narrow(0, (place += length) - length, length);
        Tensor encoder = Next(_parameters.Weights).view(columns, latents), loadings = Next(_parameters.Weights).view(columns, latents);
        Tensor offset = (Transfers.Move(_statistics.Mean, _device) - Next(columns)).view(columns, 1);
        Tensor logs = Next(latents), variances = logs.exp(), noise = Next(1).exp().Plus(_parameters.VarianceFloor);

        // Rows x = m + e: with A = I - W V, the mean of |A (x - mu_0)|^2 and of |V (x - mu_0)|^2, from S or from rows.
        Tensor spread = Spread(encoder).Plus(matmul(offset, matmul(offset.t(), encoder)));
        Tensor codes = matmul(encoder.t(), spread), gram = matmul(loadings.t(), loadings);
        Tensor squares = (offset.Square().sum().Plus(_statistics.TotalVariance) - (loadings * spread).sum().Times(2))
            .Plus((codes * gram).sum()).Plus((variances * gram.diagonal(0, 0, 1)).sum());
        Tensor secondMoment = codes.diagonal(0, 0, 1).sum().Plus(variances.sum());
        Tensor reconstruction = noise.Times(2 * Math.PI).log().Times(_parameters.Observed).Plus(squares / noise);
        Tensor loss = (reconstruction.Plus(secondMoment).Minus(latents) - logs.sum()).Times(0.5);
        loss.sum().backward();
        Transfers.ToHost(leaf.grad!).CopyTo(gradient);
        double value = loss.item<double>();
        Values = _parameters.Values(point, -value, secondMoment.item<double>(), squares.item<double>());
        return value;
    }

    public void Dispose() => _covariance?.Dispose();

    /// <summary>S x.</summary>
    private Tensor Spread(Tensor x)
    {
        if (_covariance is not null)
        {
            return matmul(_covariance, x);
        }

        Tensor rows = Transfers.Move(_statistics.Source.Values, _device);
        return matmul(rows.t(), matmul(rows, x)).Over(rows.shape[0]);
    }
}
