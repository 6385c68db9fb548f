using EntropyElbo.Families.SigmoidBeliefNet.Exact;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Families.SigmoidBeliefNet.Truncated;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>The E-steps of a fit.</summary>
internal sealed class ExpectationTask(SigmoidBeliefNetOptions options, BitTable table, BeliefNet net) : EngineTask<Expectation>
{
    /// <summary>The fit's options.</summary>
    public SigmoidBeliefNetOptions Options => options;

    /// <summary>The training rows.</summary>
    public BitTable Table => table;

    /// <summary>The first parameters.</summary>
    public BeliefNet Net => net;

    /// <inheritdoc/>
    public override Expectation OnCpu() =>
        options.IsExact ? new ExactExpectation(table) : new TruncatedExpectation(table, net, options.States, options.Seed);
}
