using EntropyElbo.Data;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.PoissonSparseCoding;

[TestClass]
public sealed class FullPoissonSparseCodingContractTests() : PoissonSparseCodingContract(new() { Latents = 2 });

[TestClass]
public sealed class DiagonalPoissonSparseCodingContractTests()
    : PoissonSparseCodingContract(new() { Latents = 2, Covariance = SparseCovariance.Diagonal });

public abstract class PoissonSparseCodingContract(PoissonSparseCodingOptions options) : ModelFamilyContract
{
    protected override string Name => "poisson-sparse-coding";

    protected override double IdentityTolerance => 1e-9;

    protected override IRowSource Rows(ulong seed = 1) => MadeCounts.Draw(MadeCounts.Blocks(2, 3, 1, 0.5), 600, seed);

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) =>
        new PoissonSparseCodingTrainer(options with { Latents = latents, Seed = seed, Iterations = 30 });

    private protected override LatentModel Untrained(int columns, ulong seed) =>
        MadeCounts.Model(MadeCounts.Random(columns, 3, seed), options.IsDiagonal);
}
