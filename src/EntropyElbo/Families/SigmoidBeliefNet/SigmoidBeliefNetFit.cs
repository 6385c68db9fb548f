using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.Regression;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Families.SigmoidBeliefNet.Truncated;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>
/// EM of a sigmoid belief net: an E-step, then the M-step for its q. The values after an iteration are those of that q and the
/// new parameters, where ELBO and entropy sum agree if the M-step was exact (LW Prop. 1, 2); neither step lowers the ELBO.
/// </summary>
internal sealed class SigmoidBeliefNetFit : IIterativeFit, IDisposable
{
    /// <summary>Iterations over which the rise of the ELBO is judged.</summary>
    public const int Window = 10;

    /// <summary>
    /// Rounds of the search for states before the first iteration of a fit that starts from a model, whose rows had long kept good
    /// ones (chosen here).
    /// </summary>
    public const int FirstRounds = 12;

    /// <summary>Standard deviation of the first weights, where a latent meets all outputs (chosen here).</summary>
    private const double WeightDeviation = 0.5;

    private readonly SigmoidBeliefNetOptions _options;
    private readonly Expectation _expectation;
    private readonly Maximisation _maximisation;
    private readonly WorkerTeam _team;

    public SigmoidBeliefNetFit(SigmoidBeliefNetOptions options, BitTable table, int threads, ComputeEngine engine)
    {
        _options = options;
        Net = options.From?.Net.Clone() ?? Start(options, table);
        _expectation = engine.Start(new ExpectationTask(options, table, Net));
        _maximisation = new Maximisation(threads, options.NewtonStepsAtMost);
        _team = new WorkerTeam(threads);
    }

    /// <summary>The parameters reached.</summary>
    public BeliefNet Net { get; private set; }

    /// <summary>Iterations done.</summary>
    public int Iterations { get; private set; }

    public IterationValues Current { get; private set; }

    /// <summary>The ELBO between the latest iteration's two steps.</summary>
    public double ElboBeforeMaximisation { get; private set; }

    /// <summary>States that the rows keep; null where posteriors are exact or no E-step was made.</summary>
    public TruncatedExpectation? Truncated => _expectation is TruncatedExpectation { HasStates: true } t ? t : null;

    public bool HasVanishingResiduals => true;

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        if (Iterations == 0 && _options.From is not null)
        {
            (_expectation as TruncatedExpectation)?.Prepare(Net, FirstRounds, _team, cancellationToken);
        }

        if (_expectation.Run(Net, Iterations, _team, cancellationToken) is not { } expected
            || _maximisation.Run(Net, expected.Problems, _team, cancellationToken) is not { } best)
        {
            return IterationOutcome.Cancelled;
        }

        Net = best.Net;
        Iterations++;
        ElboBeforeMaximisation = expected.Elbo;
        LayerValues data = best.Values[0];
        LayerValues prior = default;
        foreach (LayerValues values in best.Values.AsSpan(1))
        {
            prior += values;
        }

        Current = new IterationValues(
            expected.Entropy + data.ExpectedLogLikelihood + prior.ExpectedLogLikelihood,
            expected.Entropy - prior.Entropy - data.Entropy,
            prior.Residual,
            data.Residual,
            Collapsed(expected.LatentEntropies))
        {
            Parts = new(
                data.ExpectedLogLikelihood, -expected.Entropy
                    - prior.ExpectedLogLikelihood, expected.Entropy, prior.Entropy, data.Entropy, BaseMeasure: 0),
        };
        return IterationOutcome.Moved;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history) => _options.StationarityTolerance > 0
        && history.Count > Window
        && history[^1].Elbo - history[^(Window + 1)].Elbo < _options.StationarityTolerance * Math.Abs(history[^1].Elbo);

    /// <summary>
    /// What three more iterations gain, from E-step to E-step. Parameters and states are left as they are, and the search for states
    /// of truncated posteriors draws what the next iterations would.
    /// </summary>
    public CertificateFacts Measure()
    {
        BeliefNet net = Net;
        IterationValues current = Current;
        (int iterations, double between) = (Iterations, ElboBeforeMaximisation);
        ulong[] states = Truncated is { } truncated ? [.. truncated.States] : [];
        double[] gains = new double[CertificateFacts.Steps];
        Iterate(CancellationToken.None);
        for (int step = 0; step < gains.Length; step++)
        {
            double before = ElboBeforeMaximisation;
            bool isLast = step == gains.Length - 1;
            if (!isLast)
            {
                Iterate(CancellationToken.None);
            }

            gains[step] = (isLast ? _expectation.Run(Net, Iterations, _team, CancellationToken.None)!.Elbo : ElboBeforeMaximisation) - before;
        }

        (Net, Current, Iterations, ElboBeforeMaximisation) = (net, current, iterations, between);
        states.CopyTo(Truncated?.States ?? [], 0);
        return CertificateFacts.OfSteps(gains) with
        {
            Baseline = -_expectation.Table.Means.ToArray().Sum(BeliefMarginals.Entropy),
        };
    }

    public void Write(ModelRecord record)
    {
        record.Set("iterations", Iterations);
        SigmoidBeliefNetFile.WriteParameters(record, Net);
        (_expectation as TruncatedExpectation)?.Write(record);
    }

    public void Read(ModelRecord record)
    {
        Iterations = record.SmallCount("iterations");
        SigmoidBeliefNetFile.ReadParameters(record, Net, record.Source);
        (_expectation as TruncatedExpectation)?.Read(record, Net);
    }

    public void Dispose()
    {
        (_expectation as IDisposable)?.Dispose();
        _team.Dispose();
    }

    /// <summary>Biases of the data at the columns' shares of ones, latents on half of the time, small random weights.</summary>
    private static BeliefNet Start(SigmoidBeliefNetOptions options, BitTable table)
    {
        BeliefNet net = new(table.Columns, options.Sizes);
        RandomStream random = new(options.Seed, RandomPurpose.Initialisation);
        for (int k = 0; k < net.Depth; k++)
        {
            for (int h = 0; h < net.Sizes[k]; h++)
            {
                foreach (ref double weight in net.Blocks[k].Parameters[h])
                {
                    weight = WeightDeviation * random.NextGaussian();
                }
            }
        }

        for (int d = 0; d < table.Columns; d++)
        {
            double ones = table.Means[d] * table.Weight;
            net.Blocks[0].Bias[d] = SpecialFunctions.Logit((ones + 0.5) / (table.Weight + 1));
        }

        return net;
    }

    private int Collapsed(double[] entropies)
    {
        CollapseThresholds thresholds = new();
        double[] priors = Net.MarginalPriors();
        int collapsed = 0;
        for (int h = 0; h < priors.Length; h++)
        {
            collapsed += CollapseScale.Indicator(priors[h]).IsCollapsed(entropies[h], thresholds) ? 1 : 0;
        }

        return collapsed;
    }
}
