using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Vae;

/// <summary>The VAE as the minibatch loop sees it.</summary>
internal sealed class GaussianVaeBlockObjective(
    VaeNetwork network, VarianceUpdate update, int samples = 1, TrainingObjective kind = TrainingObjective.Elbo)
    : BlockObjective
{
    /// <summary>
    /// Least share of its start that a prior's scale keeps while the prior weighs more than the entropy: without one the objective
    /// has no bound.
    /// </summary>
    public const double LeastAnnealedScale = 0.01;

    /// <summary>Share of the last batch in variances that have a closed form: an average over about ten.</summary>
    public const double LastBatchShare = 0.1;

    private readonly GaussianVaeObjective<float> _objective = new(network);

    public override ParameterLayout Layout => network.Layout;

    public override int Latents => network.Architecture.Latents;

    public override int MomentCount => _objective.MomentCount;

    /// <summary>Rows of a batch depend on each other where it is normalised.</summary>
    public override bool TakesWholeBatches => network.Normalisations.Count > 0;

    public override BlockWorker CreateWorker(int maxRows, WorkerTeam team) => new Worker(
        _objective, maxRows, samples, kind == TrainingObjective.ImportanceWeighted, TakesWholeBatches ? team : null);

    public override IEnumerable<ParameterTensor> Learned =>
        Layout.Tensors.Except(network.Normalisations.SelectMany(n => new[] { n.RunningMean, n.RunningVariance }));

    /// <summary>Least logarithm of a scale or variance of the prior while it is annealed; both start at 1.</summary>
    public static double LeastPriorLog(PriorKind prior) => Math.Log(LeastAnnealedScale) * (prior == PriorKind.Laplace ? 1 : 2);

    public override double? NoiseVariance(AlignedBuffer<float> parameters, ElboStatistics sums) =>
        network.Architecture.Likelihood.IsGaussian
            ? _objective.Likelihood.GradientScale(parameters, _objective.Moments(sums), sums.CountedRows)
            : null;

    public override ElboReport Summarise(AlignedBuffer<float> parameters, ElboStatistics sums) => _objective.Summarise(parameters, sums);

    public override CollapseScale[] PriorScales(AlignedBuffer<float> parameters) => _objective.PriorScales(parameters);

    /// <summary>
    /// The objective times sigma^2, so that errors, not errors over a variance that moves by orders of magnitude, drive the
    /// networks; and for each log-scale a slope such as <c>1 - s / sigma^2</c>, bounded to [-1, 1]. Unit columns get the
    /// part of their gradient that is tangent to the sphere.
    /// </summary>
    public override float PrepareUpdate(AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients, ElboStatistics sums)
    {
        foreach (BatchNormalisation normalisation in network.Normalisations)
        {
            normalisation.Track(parameters.Span, gradients[0].Span);
        }

        long rows = sums.Rows;
        double factor = _objective.Likelihood.GradientScale(parameters, _objective.Moments(sums), sums.CountedRows);
        foreach (ScaleParameters scale in network.Scales)
        {
            for (int entry = scale.Tensor.Offset; entry < scale.Tensor.Offset + scale.Tensor.Columns; entry++)
            {
                double slope = TakeGradient(gradients, entry);
                double bounded = Math.Clamp(scale.SlopeFactor * slope / rows, -1, 1);
                gradients[0][entry] = (float)(bounded * rows / factor);
            }
        }

        if (network.Variances is { } variances)
        {
            // Log-variances have slopes of order 1 as they are.
            ParameterTensor last = variances.LastBias;
            Divide(gradients, variances.FirstWeights.Offset, last.Offset + last.Length, (float)factor);
        }

        if (network.PriorScale is not null)
        {
            ProjectFirstLayer(parameters, gradients);
        }

        if (update == VarianceUpdate.ClosedForm)
        {
            SolveScales(parameters, gradients, sums);
        }

        return (float)factor;
    }

    /// <summary>
    /// Ends training: sets decoder variances and the scale of every latent to their optima for the final networks, in
    /// closed form (D eq. 76; for a standard normal prior by way of VAE-2's prior variance, folded back as in D eq. 6).
    /// Both only raise the ELBO. Draws for it differ from those of the final report, which so stays an independent check.
    /// </summary>
    /// <param name="parameters">Changed.</param>
    /// <param name="sums">The sums of all training rows.</param>
    /// <param name="held">
    /// The sums of the rows that ended training, which then set the noise: the networks know the training rows, and an optimum for
    /// those is too small for others. Null where none did.
    /// </param>
    /// <returns>The residuals before, and what closing them gained on the training rows.</returns>
    public UnclosedResiduals SolveScales(AlignedBuffer<float> parameters, ElboStatistics sums, ElboStatistics? held = null)
    {
        double[] prior = _objective.LatentResiduals(parameters, sums);
        double[] noise = _objective.Likelihood.Residuals(parameters, _objective.Moments(sums), sums.Rows);
        ElboReport report = _objective.Summarise(parameters, sums);
        double[] priorLogs = Logs(parameters, network.PriorScale?.Tensor), noiseLogs = Logs(parameters, NoiseScales);
        if (held is null)
        {
            _objective.Likelihood.SolveScales(parameters, _objective.Moments(sums), sums.Rows, 1);
        }
        else
        {
            ScaleNoise(parameters, held);
        }

        _objective.Prior.SolveScales(parameters, sums.SecondMoment, sums.Rows, 1);
        double[] moved = [.. Logs(parameters, network.PriorScale?.Tensor).Zip(priorLogs, (after, before) => after - before)];
        if (network.PriorScale is null)
        {
            moved = [.. sums.SecondMoment.Select(s => Math.Log(s / sums.Rows))];
            network.RescaleLatents(parameters.Span, [.. sums.SecondMoment.Select(s => s / sums.Rows)]);
        }

        double[] noiseMoved = [.. Logs(parameters, NoiseScales).Zip(noiseLogs, (after, before) => after - before)];
        double degrees = (double)network.Architecture.Columns / Math.Max(1, noise.Length);
        return new UnclosedResiduals
        {
            PriorResidual = report.PriorResidual,
            NoiseResidual = report.NoiseResidual,
            PriorResidualSize = prior.Sum(Math.Abs),
            NoiseResidualSize = noise.Length > 0 ? noise.Sum(Math.Abs) : Math.Abs(report.NoiseResidual),
            Gained = prior.Zip(moved, (r, m) => Gain(r, _objective.Prior.Degrees, m)).Sum()
                + (noise.Length == noiseMoved.Length ? noise.Zip(noiseMoved, (r, m) => Gain(r, degrees, m)).Sum() : 0),
        };
    }

    /// <summary>
    /// What a step on the logarithm of a scale gains, exactly: the ELBO is <c>-n/2 (s e^-log + log)</c> in it, and the residual
    /// <c>-n/2 (1 - s e^-log)</c>.
    /// </summary>
    internal static double Gain(double residual, double degrees, double moved) =>
        0.5 * degrees * (((1 + (2 * residual / degrees)) * (1 - Math.Exp(-moved))) - moved);

    /// <summary>What holds the logarithms of the noise's variances: log-variances, or the last bias of a variance network.</summary>
    private ParameterTensor? NoiseScales => network.LogVariance?.Tensor ?? network.Variances?.LastBias;

    /// <summary>
    /// One factor on all noise variances, at its optimum for rows that were not trained on: they are few for one each. The noise
    /// residual of normal columns is <c>-D/2 (1 - s)</c>, with s the mean of their squared errors over their variances.
    /// </summary>
    private void ScaleNoise(AlignedBuffer<float> parameters, ElboStatistics held)
    {
        VaeArchitecture shape = network.Architecture;
        bool hasFactor = shape.Likelihood.IsGaussian
            && shape.Spread != SpreadKind.Fixed
            && (network.Variances is null || shape.VarianceOutput == VarianceOutput.Exponential);
        if (!hasFactor || NoiseScales is not { } tensor || !held.IsFinite)
        {
            return;
        }

        double factor = 1 + (2 * _objective.Summarise(parameters, held).NoiseResidual / shape.Columns);
        foreach (ref float log in parameters.Span.Slice(tensor.Offset, tensor.Columns))
        {
            log += (float)Math.Log(factor);
        }

        network.LogVariance?.Bound(parameters.Span);
    }

    private static double[] Logs(AlignedBuffer<float> parameters, ParameterTensor? tensor) =>
        tensor is null ? [] : [.. ParameterLayout.Pack(tensor, parameters.Span).Select(v => (double)v)];

    /// <summary>Scales inside their bounds, first columns of length 1.</summary>
    public override void FinishUpdate(Span<float> parameters, StepWeights weights)
    {
        foreach (ScaleParameters scale in network.Scales)
        {
            scale.Bound(parameters);
        }

        if (network.PriorScale is { } prior && weights.Prior > weights.Entropy)
        {
            double least = LeastPriorLog(network.Architecture.Prior);
            foreach (ref float log in parameters.Slice(prior.Tensor.Offset, prior.Tensor.Columns))
            {
                log = Math.Max(log, (float)least);
            }
        }

        if (network.PriorScale is not null)
        {
            network.Normalise(parameters);
        }
    }

    /// <summary>Sum of one entry of the shards' gradients, which become 0.</summary>
    private static double TakeGradient(ReadOnlySpan<AlignedBuffer<float>> gradients, int entry)
    {
        double sum = 0;
        foreach (AlignedBuffer<float> shard in gradients)
        {
            sum += shard[entry];
            shard[entry] = 0;
        }

        return sum;
    }

    /// <summary>Moves the scales to their optima and takes their gradients away.</summary>
    private void SolveScales(AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients, ElboStatistics sums)
    {
        _objective.Likelihood.SolveScales(parameters, _objective.Moments(sums), sums.Rows, LastBatchShare);
        _objective.Prior.SolveScales(parameters, sums.SecondMoment, sums.Rows, LastBatchShare);
        IEnumerable<ParameterTensor> closed = network.Scales.Select(s => s.Tensor);
        foreach (ParameterTensor tensor in network.Variances is { } variances ? closed.Append(variances.LastBias) : closed)
        {
            foreach (AlignedBuffer<float> shard in gradients)
            {
                shard.Span.Slice(tensor.Offset, tensor.Length).Clear();
            }
        }
    }

    private static void Divide(ReadOnlySpan<AlignedBuffer<float>> gradients, int start, int end, float factor)
    {
        foreach (AlignedBuffer<float> shard in gradients)
        {
            Span<float> part = shard.Span[start..end];
            System.Numerics.Tensors.TensorPrimitives.Divide(part, factor, part);
        }
    }

    private void ProjectFirstLayer(AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients)
    {
        ParameterTensor weights = network.Decoder.FirstWeights;
        for (int h = 0; h < weights.Rows; h++)
        {
            int start = weights.Offset + (h * weights.Stride);
            double along = 0;
            foreach (AlignedBuffer<float> shard in gradients)
            {
                for (int i = start; i < start + weights.Columns; i++)
                {
                    along += (double)shard[i] * parameters[i];
                }
            }

            for (int i = start; i < start + weights.Columns; i++)
            {
                gradients[0][i] -= (float)(along * parameters[i]);
            }
        }
    }

    private sealed class Worker(
        GaussianVaeObjective<float> objective, int maxRows, int samples, bool weighsDraws, WorkerTeam? team) : BlockWorker
    {
        private readonly VaeWorkspace<float> _work = new(objective.Network, ArraySize.Of(maxRows, samples), withGradients: true, team);
        private readonly WeightedObjective<float> _weighted = new(objective);
        private readonly ImportanceObjective<float>? _importance = weighsDraws ? new(objective, maxRows, samples) : null;

        public override MatrixView<float> Rows => _work.Rows;

        public override void Gradient(
            AlignedBuffer<float> parameters,
            AlignedBuffer<float> gradient,
            int rows,
            StepWeights weights,
            RandomStream noise,
            ElboStatistics sums)
        {
            Augment(noise, rows);
            int draws = rows * samples;
            for (int draw = draws - 1; draw > 0 && samples > 1; draw--)
            {
                // From behind, so that no row is overwritten before it is copied.
                _work.Rows[draw / samples].CopyTo(_work.Rows[draw]);
            }

            _work.FillNoise(noise, draws);
            if (RowWeights.Length > 0)
            {
                _weighted.Gradient(parameters, gradient, _work, DrawWeights(rows), weights, sums);
            }
            else if (_importance is null)
            {
                objective.Gradient(parameters, gradient, _work, draws, weights, sums);
            }
            else
            {
                _importance.Gradient(parameters, gradient, _work, rows, sums);
            }
        }

        /// <summary>Every draw has the weight of its row.</summary>
        private ReadOnlySpan<float> DrawWeights(int rows)
        {
            Span<float> weights = RowWeights.AsSpan(0, rows * samples);
            for (int draw = weights.Length - 1; draw > 0 && samples > 1; draw--)
            {
                weights[draw] = weights[draw / samples];
            }

            return weights;
        }

        public override (string Place, int Row) FindNonFinite(int rows)
        {
            (string place, int draw) = FindNonFiniteDraw(rows * samples);
            return (place, draw < 0 ? draw : draw / samples);
        }

        private (string Place, int Row) FindNonFiniteDraw(int rows)
        {
            IEnumerable<(string Place, MatrixView<float> Values, int LinesPerRow)> flow = [
                ("the scaled rows", _work.Rows.Slice(0, rows), 1),
                .. Layers("encoder", _work.Encoder, rows),
                ("the sampled latents", _work.Latents.Slice(0, rows), 1),
                .. Layers("decoder", _work.Decoder, rows),
                .. _work.Variances is { } variances ? Layers("variance network", variances, rows) : []];
            foreach ((string place, MatrixView<float> values, int linesPerRow) in flow)
            {
                for (int line = 0; line < values.Rows; line++)
                {
                    if (!System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<float>(values[line]))
                    {
                        return (place, line / linesPerRow);
                    }
                }
            }

            return FindOverflow(rows);
        }

        /// <summary>Every value is finite, so squares or sums of them are not.</summary>
        private (string Place, int Row) FindOverflow(int rows)
        {
            (string Place, MatrixView<float> Values)[] squared = [
                ("the squares of the scaled rows", _work.Rows),
                ("the squares of the latents", _work.Latents),
                ("the squares of the decoder's outputs", _work.Output(rows).Means)];
            foreach ((string place, MatrixView<float> values) in squared)
            {
                for (int row = 0; row < rows; row++)
                {
                    float sum = 0;
                    foreach (float value in values[row])
                    {
                        sum += value * value;
                    }

                    if (!float.IsFinite(sum))
                    {
                        return (place, row);
                    }
                }
            }

            return ("the log-likelihood or the KL divergence", -1);
        }

        /// <summary>Turns every image about its vertical axis or not, by the toss of a coin.</summary>
        private void Augment(RandomStream random, int rows)
        {
            if (objective.Network.Architecture.Images is not { HorizontalFlips: true } images)
            {
                return;
            }

            for (int row = 0; row < rows; row++)
            {
                if ((random.NextBits() & 1) == 1)
                {
                    images.Shape.FlipHorizontally(_work.Rows[row]);
                }
            }
        }

        private static IEnumerable<(string Place, MatrixView<float> Values, int LinesPerRow)> Layers(
            string name, NetworkWorkspace<float> work, int rows)
        {
            IReadOnlyList<(MatrixView<float> Values, int LinesPerRow)> layers = work.Layers(rows);
            return layers.Select(
                (layer, i) => ($"the outputs of layer {i + 1} of {layers.Count} of the {name}", layer.Values, layer.LinesPerRow));
        }
    }
}
