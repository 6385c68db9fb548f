using System.Collections.Concurrent;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae;

/// <summary>
/// A trained VAE with Gaussian encoder <c>q(z|x) = N(nu(x), diag tau^2(x))</c> (D eq. 1 to 4): the prior p(z) and the
/// observable distribution p(x|z), with mu(z) a multilayer perceptron, are those of its <see cref="VaeVariant"/>.
/// </summary>
public sealed partial class GaussianVaeModel : LatentModel
{
    private readonly VaeNetwork _network;
    private readonly GaussianVaeObjective<float> _objective;
    private readonly AlignedBuffer<float> _parameters;
    private readonly ConcurrentBag<VaeWorkspace<float>> _workspaces = [];

    internal GaussianVaeModel(VaeNetwork network, AlignedBuffer<float> parameters, ModelHeader header)
        : base(header)
    {
        _network = network;
        _objective = new GaussianVaeObjective<float>(network);
        _parameters = parameters;
    }

    /// <inheritdoc/>
    public override string Family => GaussianVaeFamily.NameOf(Variant);

    /// <inheritdoc/>
    public override int LatentDimension => _network.Architecture.Latents;

    /// <inheritdoc/>
    public override int FreeParameters => _network.FreeParameters;

    /// <summary>The kind of VAE.</summary>
    public VaeVariant Variant => _network.Architecture.Variant;

    /// <summary>The convolutional networks, or null for perceptrons.</summary>
    public ImageNetworks? Images => _network.Architecture.Images;

    /// <summary>Hidden layer sizes of the encoder; of no meaning for convolutional networks.</summary>
    public IReadOnlyList<int> Hidden => _network.Architecture.Hidden;

    /// <summary>Hidden layer sizes of the decoder, from the latents outward; of no meaning for convolutional networks.</summary>
    public IReadOnlyList<int> DecoderHidden => _network.Architecture.DecoderHidden;

    /// <summary>The observable distribution.</summary>
    public ObservableLikelihood Likelihood => _network.Architecture.Likelihood;

    /// <summary>How the outputs of VAE-3's variance network become variances; of no meaning for other variants.</summary>
    public VarianceOutput VarianceOutput => _network.Architecture.VarianceOutput;

    /// <summary>
    /// The decoder variance, sigma^2, in squared units of the scaled columns; the mean over the columns where each has its
    /// own; of gamma columns the dispersion, 1 over the shape; 1, the dispersion, for others (S Table 1).
    /// </summary>
    public double DecoderVariance => DecoderVariances.Average();

    /// <summary>
    /// The decoder variances in squared units of the scaled columns: one, or one per column (VAE-3: those at z = 0); dispersions of
    /// gamma columns; 1 for other likelihoods.
    /// </summary>
    public IReadOnlyList<double> DecoderVariances => _network.LogVariance is { } scale ? Exponentials(scale)
        : _network.Variances is null ? [1]
        : DecodeVariances(new double[LatentDimension]);

    /// <summary>
    /// The prior variances, one per latent: alpha_h^2 (D eq. 6), 2 lambda_h^2 of a Laplace prior, 1 where the prior is standard normal.
    /// </summary>
    public IReadOnlyList<double> PriorVariances => _network.PriorScale is not { } scale ? [.. Enumerable.Repeat(1.0, LatentDimension)]
        : _network.Architecture.Prior == PriorKind.Laplace ? [.. Exponentials(scale).Select(s => 2 * s * s)]
        : Exponentials(scale);

    internal VaeNetwork Network => _network;

    internal ReadOnlySpan<float> Parameters => _parameters.Span;

    private protected override CollapseScale[] PriorScales => _objective.PriorScales(_parameters);

    private protected override int MomentCount => _objective.ReportMomentCount;

    private protected override bool IsSampled => true;

    /// <summary>Decoder variances for given latents, in squared units of the scaled columns (D eq. 21).</summary>
    /// <param name="latents">[n, H], row-major.</param>
    /// <returns>[n, D], row-major.</returns>
    /// <exception cref="ArgumentException">The length of <paramref name="latents"/> is no multiple of H.</exception>
    /// <exception cref="InvalidOperationException">
    /// The model is no VAE-3: its <see cref="DecoderVariances"/> do not depend on latents.
    /// </exception>
    public double[] DecodeVariances(ReadOnlySpan<double> latents)
    {
        if (_network.Variances is null)
        {
            throw new InvalidOperationException(
                $"The decoder variances of a {Family} do not depend on the latents; read {nameof(DecoderVariances)}.");
        }

        if (latents.Length % LatentDimension != 0)
        {
            throw new ArgumentException($"The number of values must be a multiple of {LatentDimension}.", nameof(latents));
        }

        int count = latents.Length / LatentDimension;
        double[] variances = new double[count * ObservedDimension];
        VaeWorkspace<float> work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            ElementLoops.Load(latents[(start * LatentDimension)..], block, work.Latents);
            MatrixView<float> logs = work.Decode(_parameters, block).Spreads;
            VarianceKernels.ToLogVariances(VarianceOutput, logs);
            ElementLoops.Store(logs, 0, ObservedDimension, block, variances.AsSpan(start * ObservedDimension));
        }

        _workspaces.Add(work);
        VectorFunctions.Exp(variances, variances);
        return variances;
    }

    /// <summary>
    /// The same model as a VAE-2: the first decoder layer with unit columns, their lengths in the prior's variances (D eq. 6).
    /// ELBO and reports are equal, to rounding; the record of training is that of this model.
    /// </summary>
    /// <returns>A new model.</returns>
    /// <exception cref="BadOptionException">The model is neither VAE-1 nor VAE-2.</exception>
    public GaussianVaeModel ToLearnedPrior()
    {
        (VaeNetwork network, AlignedBuffer<float> parameters) = Convert(PriorKind.Normal);
        if (_network.Architecture.Prior != PriorKind.Normal)
        {
            network.ToUnitColumns(parameters.Span);
        }

        return new GaussianVaeModel(network, parameters, Header);
    }

    /// <summary>
    /// The same model as a VAE-1: <c>W0 = W~0 A^(1/2)</c>, prior N(0, I) (D eq. 6). ELBO and reports are equal, to rounding;
    /// the record of training is that of this model.
    /// </summary>
    /// <returns>A new model.</returns>
    /// <exception cref="BadOptionException">The model is neither VAE-1 nor VAE-2.</exception>
    public GaussianVaeModel ToStandardPrior()
    {
        (VaeNetwork network, AlignedBuffer<float> parameters) = Convert(PriorKind.Standard);
        network.RescaleLatents(parameters.Span, [.. PriorVariances]);
        return new GaussianVaeModel(network, parameters, Header);
    }

    /// <summary>The sums of all rows of a source.</summary>
    internal ElboStatistics Sums(IRowSource rows, EvaluateOptions options) =>
        Accumulate(new CheckedRows(rows, options.MissingValues), options);

    internal override bool[] Probabilities => [.. Enumerable.Repeat(!Likelihood.IsDensity, ObservedDimension)];

    internal override ModelRecord ToRecord() => GaussianVaeFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) => new GaussianVaeModel(_network, _parameters, header);

    private protected override void EncodeScaled(ReadOnlySpan<double> rows, int count, Span<double> means, Span<double> variances)
    {
        int latents = LatentDimension;
        Support?.Require(rows, 0, ColumnNames);
        VaeWorkspace<float> work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            MatrixView<float> heads = EncodeBlock(rows, start, block, work);
            Span<double> variance = variances.Slice(start * latents, block * latents);
            ElementLoops.Store(heads, 0, latents, block, means.Slice(start * latents, block * latents));
            ElementLoops.Store(work.Deviations, 0, latents, block, variance);
            foreach (ref double value in variance)
            {
                value *= value;
            }
        }

        _workspaces.Add(work);
    }

    private protected override void DecodeScaled(ReadOnlySpan<double> latents, int count, Span<double> rows)
    {
        VaeWorkspace<float> work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            ElementLoops.Load(latents[(start * LatentDimension)..], block, work.Latents);
            DecoderBlock<float> outputs = work.Decode(_parameters, block);
            Span<double> target = rows.Slice(start * ObservedDimension, block * ObservedDimension);
            ElementLoops.Store(outputs.Means, 0, ObservedDimension, block, target);
            _objective.Likelihood.ToMeans(target);
        }

        _workspaces.Add(work);
    }

    private protected override void SampleScaled(int count, RandomStream random, Span<double> rows)
    {
        double[] latents = new double[count * LatentDimension];
        _objective.Prior.Sample(_parameters, random, latents);
        VaeWorkspace<float> work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            ElementLoops.Load(latents.AsSpan(start * LatentDimension), block, work.Latents);
            DecoderBlock<float> outputs = work.Decode(_parameters, block);
            _objective.Likelihood.Sample(
                _parameters, outputs, random, rows.Slice(start * ObservedDimension, block * ObservedDimension));
        }

        _workspaces.Add(work);
    }

    /// <summary>The encoder's heads for some rows, all finite.</summary>
    private MatrixView<float> EncodeBlock(ReadOnlySpan<double> rows, int start, int block, VaeWorkspace<float> work)
    {
        ReadOnlySpan<double> some = rows.Slice(start * ObservedDimension, block * ObservedDimension);
        SingleRange.Load(some, block, work.Rows, start, ColumnNames);
        MatrixView<float> heads = work.Encode(_parameters, block);
        SingleRange.RequireCodes(some, block, heads, work.Deviations, start, ColumnNames);
        return heads;
    }

    private protected override RowSupport? Support => DecoderSupport.Of(Likelihood);

    private protected override void AccumulateScaled(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        VaeWorkspace<float> work = Rent();
        SingleRange.Load(rows, count, work.Rows, firstRow, ColumnNames);
        _objective.Accumulate(_parameters, work, count, firstRow / RowsPerBlock, options, sums);
        _workspaces.Add(work);
    }

    private protected override void AccumulateWeighted(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> weights, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        VaeWorkspace<float> work = Rent();
        SingleRange.Load(rows, weights.Length, work.Rows, firstRow, ColumnNames);
        _objective.AccumulateWeighted(_parameters, work, weights, firstRow / RowsPerBlock, options, sums);
        _workspaces.Add(work);
    }

    private protected override ElboReport Summarise(ElboStatistics sums) => _objective.Summarise(_parameters, sums);

    private protected override double[] LatentResiduals(ElboStatistics sums) => _objective.LatentResiduals(_parameters, sums);

    private protected override double[] ColumnResiduals(ElboStatistics sums)
    {
        double[] residuals = _objective.Likelihood.Residuals(_parameters, _objective.Moments(sums), sums.Rows);
        return residuals.Length == ObservedDimension && ObservedDimension > 1 ? residuals : [];
    }

    private double[] Exponentials(ScaleParameters scales)
    {
        double[] values = new double[scales.Tensor.Columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Math.Exp(_parameters.Span[scales.Tensor.Offset + i]);
        }

        return values;
    }

    /// <summary>The network of another prior and a copy of the parameters that both have.</summary>
    private (VaeNetwork Network, AlignedBuffer<float> Parameters) Convert(PriorKind prior)
    {
        VaeArchitecture own = _network.Architecture, other = own with { Prior = prior, Spread = SpreadKind.Shared };
        if (own.Spread != SpreadKind.Shared || own.Prior == PriorKind.Laplace)
        {
            throw new BadOptionException(
                "model", $"A {Family} cannot be turned into a {GaussianVaeFamily.NameOf(other.Variant)}; vae-1 and vae-2 can.");
        }

        VaeNetwork network = new(other);
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        foreach (ParameterTensor tensor in network.Layout.Tensors)
        {
            if (_network.Layout.Tensors.FirstOrDefault(t => t.Name == tensor.Name) is { } same)
            {
                ParameterLayout.Unpack(tensor, ParameterLayout.Pack(same, _parameters.Span), parameters.Span);
            }
        }

        return (network, parameters);
    }

    private VaeWorkspace<float> Rent() =>
        _workspaces.TryTake(out VaeWorkspace<float>? work) ? work : new VaeWorkspace<float>(_network, RowsPerBlock, withGradients: false);

    /// <summary>log(exp a + exp b).</summary>
    private static double LogAdd(double a, double b) =>
        double.IsNegativeInfinity(a) ? b : Math.Max(a, b) + SpecialFunctions.Log1P(Math.Exp(-Math.Abs(a - b)));

    private static void Accumulate(Span<double> target, ReadOnlySpan<double> values, double weight)
    {
        for (int row = 0; row < target.Length; row++)
        {
            target[row] += weight * values[row];
        }
    }
}
