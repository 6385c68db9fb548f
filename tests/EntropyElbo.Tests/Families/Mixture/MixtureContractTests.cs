using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>The contract for mixtures of one component description.</summary>
public abstract class MixtureContract(string family) : ModelFamilyContract
{
    protected override string Name => MixtureSpecification.Prefix + family;

    protected override double IdentityTolerance => 1e-9;

    protected virtual MixtureOptions Options => new() { Family = family, Components = 3, Iterations = 25 };

    protected override IRowSource Rows(ulong seed = 1) => MixtureTestData.Rows(family, 600, seed);

    /// <summary>More components than the rows have groups, so that different seeds end in different places.</summary>
    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) =>
        new MixtureTrainer(Options with { Components = latents == 0 ? 0 : latents + 4, Seed = seed });

    private protected override LatentModel Untrained(int columns, ulong seed) => MixtureTestData.Random(family, 3, seed);

    /// <summary>Trained with weights: those of the second half are 0, so that a fit to the first half must give the same report.</summary>
    private protected override LatentModel? Wide(IRowSource rows)
    {
        if (family is MixtureTestData.Mixed or "gaussian-full" or "gaussian-tied")
        {
            return null; // Ranges of their own columns; covariances of 2 GB.
        }

        double[] weights = [.. Enumerable.Range(0, 300).Select(n => n < 150 ? 2.0 : 0)];
        MixtureOptions options = Options with { Components = 2, Iterations = 2, Restarts = 1, BatchSize = null };
        LatentModel model = new MixtureTrainer(options with { RowWeights = weights }).Fit(rows).Model;
        ElboReport weighted = model.Report.Summary;
        Assert.AreEqual(model.Evaluate(rows.Take(150)).Summary.Elbo, weighted.Elbo, 1e-9 * Math.Abs(weighted.Elbo));
        return model;
    }
}

[TestClass]
public sealed class GaussianFullMixtureContractTests() : MixtureContract("gaussian-full");

[TestClass]
public sealed class GaussianTiedMixtureContractTests() : MixtureContract("gaussian-tied");

[TestClass]
public sealed class GaussianDiagonalMixtureContractTests() : MixtureContract("gaussian-diagonal");

[TestClass]
public sealed class GammaMixtureContractTests() : MixtureContract("gamma");

[TestClass]
public sealed class PoissonMixtureContractTests() : MixtureContract("poisson");

[TestClass]
public sealed class CategoricalMixtureContractTests() : MixtureContract("categorical");

[TestClass]
public sealed class MixedMixtureContractTests() : MixtureContract(MixtureTestData.Mixed);

[TestClass]
public sealed class OnlineMixtureContractTests() : MixtureContract("gaussian-spherical")
{
    protected override MixtureOptions Options => base.Options with { BatchSize = 100, Iterations = 5 };
}

[TestClass]
public sealed class TruncatedMixtureContractTests() : MixtureContract("bernoulli")
{
    protected override MixtureOptions Options => base.Options with { KeptComponents = 1 };

    private protected override LatentModel Untrained(int columns, ulong seed) => MixtureTestData.Random("bernoulli", 3, seed, kept: 2);
}
