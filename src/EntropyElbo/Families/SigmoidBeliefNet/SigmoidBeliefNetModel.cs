using System.Collections.Concurrent;
using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet.Exact;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Families.SigmoidBeliefNet.Truncated;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>
/// A sigmoid belief net (LW Def. D and E): <c>z^(L)_h ~ Bern(pi_h)</c>, every layer below
/// <c>z^(l)_h ~ Bern(sigmoid(W^(l) z^(l+1) + mu^(l)))</c>, and the columns, which are 0 or 1,
/// <c>x_d ~ Bern(sigmoid(W^(0) z^(1) + mu^(0)))</c>. Latents are those of all layers, the layer nearest to the data first.
/// </summary>
/// <remarks>
/// Posteriors are exact, over all 2^H states, or truncated: the joint probability normalised over the best states found for
/// the row, so that the ELBO of a row is <c>log sum_s p(x, s)</c> over them, a lower bound of its log-likelihood. New rows are
/// searched from fixed starts with fixed random numbers. The report of training uses the states that training kept; evaluating
/// the same rows anew may find others.
/// In reports <see cref="ElboReport.PriorEntropy"/> and <see cref="ElboReport.PriorResidual"/> sum over all layers of latents: the
/// entropy of the deepest layer's prior and the expected entropies of the conditionals between latents (LW eq. 95);
/// <see cref="EvaluateLayers"/> gives them apart. Encoder entropy and KL in total are those of the joint q; the figures of a single
/// latent are those of its marginal of q, against its marginal prior, and do not sum to the total. The criteria of collapse are
/// scaled to the entropy and the variance of that prior.
/// </remarks>
public sealed partial class SigmoidBeliefNetModel : LatentModel
{
    private readonly ConcurrentBag<BeliefInference> _workspaces = [];
    private readonly Lazy<ExactTables?> _tables;
    private readonly Lazy<double[]> _priors;
    private readonly ulong[]? _knownStates;
    private readonly int _knownPerRow;

    internal SigmoidBeliefNetModel(
        BeliefNet net, bool isExact, int states, ModelHeader header, ulong[]? knownStates = null, int knownPerRow = 0)
        : base(header)
    {
        Net = net;
        IsExact = isExact;
        States = states;
        _tables = new Lazy<ExactTables?>(() => isExact ? new ExactTables(net) : null);
        _priors = new Lazy<double[]>(net.MarginalPriors);
        _knownStates = knownStates;
        _knownPerRow = knownPerRow;
    }

    /// <inheritdoc/>
    public override string Family => SigmoidBeliefNetFamily.NameOf(Net.Depth);

    /// <summary>Latents of all layers.</summary>
    public override int LatentDimension => Net.Latents;

    /// <summary>Free parameters: pi of the deepest layer, and of every other layer and of the data (inputs + 1) times outputs.</summary>
    public override int FreeParameters => Net.Blocks.Sum(b => b.Count);

    /// <summary>Sizes of the layers of latents, nearest to the data first.</summary>
    public IReadOnlyList<int> Layers => Array.AsReadOnly(Net.Sizes);

    /// <summary>Whether posteriors are exact.</summary>
    public bool IsExact { get; }

    /// <summary>States per row of truncated posteriors.</summary>
    public int States { get; }

    /// <summary>pi, the probabilities of the deepest layer.</summary>
    public IReadOnlyList<double> Prior => Array.ConvertAll(Net.Blocks[^1].Bias.ToArray(), SpecialFunctions.Logistic);

    /// <summary>
    /// Probability of each latent with all others summed out; where more than 12 latents lie below the first layer, for the layers
    /// above the deepest the mean of 10,000 draws.
    /// </summary>
    public IReadOnlyList<double> MarginalPriors => Array.AsReadOnly(_priors.Value);

    internal BeliefNet Net { get; }

    private protected override CollapseScale[] PriorScales => Array.ConvertAll(_priors.Value, CollapseScale.Indicator);

    private protected override int MomentCount => PosteriorLayout.Length(Net);

    private protected override bool IsSampled => false;

    internal override bool HasDiscreteLatents => true;

    private protected override bool IsLogLikelihoodSampled => !IsExact;

    /// <summary>
    /// Weights W^(l), [outputs, inputs] row-major: layer 0 takes the nearest latents to the data, layer l latents l + 1 to latents
    /// l.
    /// </summary>
    /// <param name="layer">l, from 0 to L - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public double[] Weights(int layer)
    {
        BeliefLayer block = Block(layer);
        double[] weights = new double[block.Outputs * block.Inputs];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = block.Parameters[i % block.Inputs][i / block.Inputs];
        }

        return weights;
    }

    /// <summary>Biases mu^(l), one per output.</summary>
    /// <param name="layer">l, from 0 to L - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public double[] Bias(int layer) => Block(layer).Bias.ToArray();

    /// <summary>
    /// Expected entropy and residual of every conditional (LW eq. 94 and 95): that of the data first, the deepest layer's prior
    /// last. Entropy sum = encoder entropy - sum of these entropies; ELBO = entropy sum - sum of these residuals.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="options">Options of the pass; null for defaults.</param>
    /// <exception cref="BadDataException">No rows, another width than the model's, or a value that is neither 0 nor 1.</exception>
    public IReadOnlyList<LayerEvaluation> EvaluateLayers(IRowSource rows, EvaluateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new EvaluateOptions();
        RequireWidth(rows.Columns);
        ElboStatistics sums = Accumulate(Checked(rows, options), options);
        if (sums.Rows == 0)
        {
            throw RowWeights.NoRows(rows, "There are no rows to evaluate.");
        }

        return new PosteriorMeans(sums, Net.Depth).Layers;
    }

    private protected override RowSupport? Support => BinarySupport.Instance;

    internal override bool[] Probabilities => [.. Enumerable.Repeat(true, ObservedDimension)];

    internal override ModelRecord ToRecord() => SigmoidBeliefNetFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) => new SigmoidBeliefNetModel(Net, IsExact, States, header);

    /// <summary>The model that evaluates the training rows with the states that training kept.</summary>
    internal SigmoidBeliefNetModel WithStates(ulong[] states, int perRow) => new(Net, IsExact, States, Header, states, perRow);

    private protected override void EncodeScaled(ReadOnlySpan<double> rows, int count, Span<double> means, Span<double> variances)
    {
        BeliefInference work = Rent();
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Infer(work, rows, start, count);
            work.Sums.Means.AsSpan(0, block * LatentDimension).CopyTo(means[(start * LatentDimension)..]);
        }

        for (int i = 0; i < means.Length; i++)
        {
            variances[i] = means[i] * (1 - means[i]);
        }

        _workspaces.Add(work);
    }

    /// <summary>Probabilities of ones: sigmoid(W z + mu) of the nearest layer's latents, which may lie between 0 and 1.</summary>
    private protected override void DecodeScaled(ReadOnlySpan<double> latents, int count, Span<double> rows)
    {
        BeliefLayer data = Net.Blocks[0];
        MatrixView<double> inputs = new Matrix<double>(RowsPerBlock, data.Inputs);
        MatrixView<double> outputs = new Matrix<double>(RowsPerBlock, data.Outputs);
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            for (int row = 0; row < block; row++)
            {
                latents.Slice((start + row) * LatentDimension, data.Inputs).CopyTo(inputs[row]);
            }

            MatrixProduct.Multiply(
                inputs.Slice(0, block), data.Parameters.Slice(0, data.Inputs), outputs.Slice(0, block), data.Row(data.Inputs), 1.0);
            for (int row = 0; row < block; row++)
            {
                Span<double> logits = outputs[row], means = rows.Slice((start + row) * data.Outputs, data.Outputs);
                for (int d = 0; d < means.Length; d++)
                {
                    means[d] = SpecialFunctions.Logistic(logits[d]);
                }
            }
        }
    }

    private protected override void SampleScaled(int count, RandomStream random, Span<double> rows)
    {
        ulong[] state = new ulong[Net.Words];
        double[] logits = new double[Math.Max(ObservedDimension, Net.Sizes.Max())];
        for (int row = 0; row < count; row++)
        {
            Net.SampleState(state, random, logits);
            Net.Activations(0, Net.Layer(state, 0), logits);
            for (int d = 0; d < ObservedDimension; d++)
            {
                rows[(row * ObservedDimension) + d] = random.NextUniform() < SpecialFunctions.Logistic(logits[d]) ? 1 : 0;
            }
        }
    }

    private protected override void RowElboScaled(ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> elbos)
    {
        BeliefInference work = Rent();
        Evidences(work, rows, count, elbos);
        _workspaces.Add(work);
    }

    /// <summary>
    /// Exact where posteriors are. Else the truncated bound over the states found and up to <paramref name="samples"/> of their
    /// neighbours: a lower bound, not below the ELBO, without random numbers of its own.
    /// </summary>
    private protected override void LogLikelihoodScaled(
        ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> logLikelihoods)
    {
        if (IsExact)
        {
            RowElboScaled(rows, count, samples, seed, logLikelihoods);
            return;
        }

        int extended = Math.Min(States + samples, SigmoidBeliefNetOptions.MaxStates);
        Evidences(new TruncatedInference(Net, States, extended), rows, count, logLikelihoods);
    }

    private protected override void AccumulateScaled(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        BeliefInference work = Rent();
        if (_knownStates is { } known && work is TruncatedInference truncated)
        {
            int length = _knownPerRow * Net.Words;
            truncated.KnownStates = row => known.AsMemory((int)(firstRow + row) * length, length);
        }

        Infer(work, rows, 0, count);
        double[] klThresholds = KlThresholds(options);
        sums.Rows += count;
        for (int row = 0; row < count; row++)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(sums.Moments, work.Sums[row], sums.Moments);
            AddLatents(work.Sums.MeansOf(row), klThresholds, sums);
        }

        _workspaces.Add(work);
    }

    private protected override ElboReport Summarise(ElboStatistics sums)
    {
        PosteriorMeans means = new(sums, Net.Depth);
        LayerEvaluation[] layers = means.Layers;
        double priorEntropy = 0;
        double priorResidual = 0;
        foreach (LayerEvaluation layer in layers.AsSpan(1))
        {
            priorEntropy += layer.Entropy;
            priorResidual += layer.Residual;
        }

        return new ElboReport
        {
            Elbo = means.Evidence,
            Reconstruction = means.Reconstruction,
            Kl = -means.Entropy - means.LogPrior,
            EncoderEntropy = means.Entropy,
            PriorEntropy = priorEntropy,
            DecoderEntropy = layers[0].Entropy,
            BaseMeasure = 0,
            PriorResidual = priorResidual,
            NoiseResidual = layers[0].Residual,
            StandardError = 0,
            Rows = sums.Rows,
            Samples = 0,
        };
    }

    /// <summary>Of a shallow net: the logit of each latent times how far its prior is from its mean posterior.</summary>
    private protected override double[] LatentResiduals(ElboStatistics sums) => Net.Depth > 1 ? []
        : [.. sums.SecondMoment.Select((mean, h) => SpecialFunctions.Logit(_priors.Value[h]) * (_priors.Value[h] - (mean / sums.Rows)))];

    private protected override double[] LayerResiduals(ElboStatistics sums) =>
        Net.Depth > 1 ? [.. new PosteriorMeans(sums, Net.Depth).Layers.Select(l => l.Residual)] : [];

    private BeliefLayer Block(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Net.Depth);
        return Net.Blocks[layer];
    }

    private void AddLatents(ReadOnlySpan<double> means, ReadOnlySpan<double> klThresholds, ElboStatistics sums)
    {
        for (int h = 0; h < means.Length; h++)
        {
            double kl = BeliefMarginals.Kl(means[h], _priors.Value[h]);
            sums.EncoderEntropy[h] += BeliefMarginals.Entropy(means[h]);
            sums.Kl[h] += kl;
            sums.Mean[h] += means[h];
            sums.MeanSquare[h] += means[h] * means[h];
            sums.SecondMoment[h] += means[h];
            sums.CollapsedRows[h] += kl < klThresholds[h] ? 1 : 0;
        }
    }

    private void Evidences(BeliefInference work, ReadOnlySpan<double> rows, int count, Span<double> evidences)
    {
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Infer(work, rows, start, count);
            for (int row = 0; row < block; row++)
            {
                evidences[start + row] = work.Sums.Evidence(row);
            }
        }
    }

    /// <summary>Infers up to a block of rows from <paramref name="start"/> on and returns how many.</summary>
    private int Infer(BeliefInference work, ReadOnlySpan<double> rows, int start, int count)
    {
        int block = Math.Min(RowsPerBlock, count - start);
        ReadOnlySpan<double> part = rows.Slice(start * ObservedDimension, block * ObservedDimension);
        BinarySupport.Instance.Require(part, start, ColumnNames);
        ElementLoops.Load(part, block, work.Rows);
        work.Infer(block);
        return block;
    }

    private BeliefInference Rent() => _workspaces.TryTake(out BeliefInference? work) ? work
        : _tables.Value is { } tables ? new ExactInference(tables)
        : new TruncatedInference(Net, States);
}
