using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Amortised;
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

[TestClass]
public sealed class LowRankSparseCodingContractTests()
    : SparseCodingContract(new() { Latents = 2, Covariance = SparseCovariance.LowRank, Rank = 1, Optimizer = SparseCodingOptimizer.Em });

[TestClass]
public sealed class AmortisedSparseCodingContractTests()
    : SparseCodingContract(new() { Latents = 2, Learning = SparseCodingLearning.Amortised, BatchSize = 100 });

[TestClass]
public sealed class AmortisedLowRankSparseCodingContractTests() : SparseCodingContract(new()
{
    Latents = 2,
    Learning = SparseCodingLearning.Amortised,
    BatchSize = 100,
    Covariance = SparseCovariance.LowRank,
    Rank = 2,
    Encoding = SparseCodingEncoding.EStep,
});

public abstract class SparseCodingContract(SparseCodingOptions options) : ModelFamilyContract
{
    protected override string Name => "sparse-coding";

    protected override double IdentityTolerance => 1e-9;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) =>
        new SparseCodingTrainer(options with { Latents = latents, Seed = seed, Iterations = options.BatchSize is null ? 40 : 5 });

    /// <summary>A network's layers grow with the square of the columns, and are refused where no memory holds them.</summary>
    private protected override LatentModel? Wide(IRowSource rows) => options.IsAmortised ? null : base.Wide(rows);

    private RowEncoder Network(int columns, int latents, ulong seed)
    {
        ResidualEncoder network = new(columns, latents, (options with { Latents = latents }).Shape.Rank ?? 0);
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, new RandomStream(seed, RandomPurpose.Initialisation));
        return new RowEncoder(network, parameters, new double[columns], 1);
    }

    private protected override LatentModel Untrained(int columns, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 5);
        double[][] fields = [new double[columns], new double[columns], new double[columns]];
        double[] mean = new double[columns];
        Array.ForEach(fields, f => random.FillGaussian(f));
        random.FillGaussian(mean);
        ModelHeader header = new(Scaling.Identity(columns), [.. Enumerable.Range(0, columns).Select(d => $"c{d}")], TrainingRecord.Unfinished(0, 0));
        return new SparseCodingModel(
            SparseCodingParameters.Of(fields, [0.5, 1, 1.5], 0.7, mean).InOrder(), (options with { Latents = 3 }).Shape, SparseCodingOptions.DefaultEncodingTolerance, header)
        {
            Encoder = options.IsAmortised ? Network(columns, 3, seed) : null,
            Encoding = options.IsAmortised ? options.Encoding : SparseCodingEncoding.EStep,
        };
    }
}
