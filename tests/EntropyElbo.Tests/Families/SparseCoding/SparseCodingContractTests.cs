using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SparseCoding;

[TestClass]
public sealed class FullSparseCodingContractTests() : SparseCodingContract(new() { Latents = 2, Covariance = SparseCovariance.Full });

[TestClass]
public sealed class DiagonalSparseCodingContractTests() : SparseCodingContract(new() { Latents = 2, Covariance = SparseCovariance.Diagonal });

[TestClass]
public sealed class EmSparseCodingContractTests() : SparseCodingContract(new() { Latents = 2, Optimizer = SparseCodingOptimizer.Em });

[TestClass]
public sealed class MinibatchSparseCodingContractTests()
    : SparseCodingContract(new() { Latents = 2, BatchSize = 100, Covariance = SparseCovariance.Diagonal });

[TestClass]
public sealed class JointSparseCodingContractTests() : SparseCodingContract(new() { Latents = 2, Optimizer = SparseCodingOptimizer.Joint });

public abstract class SparseCodingContract(SparseCodingOptions options) : ModelFamilyContract
{
    protected override string Name => "sparse-coding";

    protected override double IdentityTolerance => 1e-9;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) =>
        new SparseCodingTrainer(options with { Latents = latents, Seed = seed, Iterations = options.BatchSize is null ? 40 : 5 });

    private protected override LatentModel Untrained(int columns, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 5);
        double[][] fields = [new double[columns], new double[columns], new double[columns]];
        double[] mean = new double[columns];
        Array.ForEach(fields, f => random.FillGaussian(f));
        random.FillGaussian(mean);
        ModelHeader header = new(Scaling.Identity(columns), [.. Enumerable.Range(0, columns).Select(d => $"c{d}")], TrainingRecord.Unfinished(0, 0));
        return new SparseCodingModel(
            SparseCodingParameters.Of(fields, [0.5, 1, 1.5], 0.7, mean).InOrder(), options.IsDiagonal, SparseCodingOptions.DefaultEncodingTolerance, header);
    }
}
