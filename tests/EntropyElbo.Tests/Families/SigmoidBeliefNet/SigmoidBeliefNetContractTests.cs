using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Models;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SigmoidBeliefNet;

[TestClass]
public sealed class ShallowBeliefNetContractTests() : BeliefNetContract("sbn", []);

[TestClass]
public sealed class DeepBeliefNetContractTests() : BeliefNetContract("deep-sbn", [2]);

[TestClass]
public sealed class TruncatedBeliefNetContractTests() : BeliefNetContract("sbn", [])
{
    protected override BeliefPosterior Posterior => BeliefPosterior.Truncated;
}

public abstract class BeliefNetContract(string name, int[] deeper) : ModelFamilyContract
{
    protected override string Name => name;

    protected override double IdentityTolerance => 1e-9;

    protected virtual BeliefPosterior Posterior => BeliefPosterior.Automatic;

    protected override IRowSource Rows(ulong seed = 1) => BeliefTestData.Rows(600, 8, seed);

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) => new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions
    {
        Latents = latents == 0 ? 0 : latents + 1,
        DeeperLayers = deeper,
        Posterior = Posterior,
        States = 5,
        Iterations = 25,
        Seed = seed,
    });

    private protected override LatentModel Untrained(int columns, ulong seed) =>
        BeliefTestData.Random(columns, [4, .. deeper], seed, Posterior != BeliefPosterior.Truncated, 6);

    /// <summary>Trained: the report uses the states that training kept, which under the new parameters are worth no less than before the last M-step.</summary>
    private protected override LatentModel Wide(IRowSource rows)
    {
        FitResult fit = new SigmoidBeliefNetTrainer(((SigmoidBeliefNetTrainer)Trainer()).Options with { Iterations = 1, NewtonSteps = 1 }).Fit(rows);
        double elbo = fit.Model.Report.Summary.Elbo;
        Assert.IsGreaterThanOrEqualTo(fit.History[^1].Elbo - (1e-9 * Math.Abs(elbo)), elbo);
        return fit.Model;
    }
}
