using EntropyElbo.Training;
using Sparse = EntropyElbo.Families.SparseCoding.SparseSettings<EntropyElbo.Families.SparseCoding.SparseCodingOptions>;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.SparseCoding.SparseCodingOptions>;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The entry of sparse coding in the table of families.</summary>
internal static class SparseCodingFamily
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "sparse-coding";

    private const string OptimizerName = "optimizer";
    private const string LBfgs = "l-bfgs";
    private const string LowRank = "low-rank";
    private const string LearningName = "learning";
    private const string Amortised = "amortised";

    /// <summary>The settings.</summary>
    public static IReadOnlyList<Setting<SparseCodingOptions>> Settings { get; } =
    [
        Set.Latents(o => o.Latents, (o, v) => o with { Latents = v }, SparseCodingOptions.MaxLatents),
        Set.Epochs(o => o.Iterations, (o, v) => o with { Iterations = v }) with
        {
            Default = $"{SparseCodingOptions.DefaultIterations}, or {SparseCodingOptions.DefaultEpochs} with batches, "
                + $"{SparseCodingOptions.DefaultAmortisedEpochs} with a network",
        },
        Set.Batch(
            SparseCodingOptions.MaxBatchSize, o => o.BatchSize, (o, v) => o with { BatchSize = v }) with
        {
            Default = $"all rows at once, or {SparseCodingOptions.DefaultAmortisedBatch} with a network",
        },
        Set.Choice(
            "batch-step", "The M-step on running sums, or V's: half the way to the M-step of the batch.",
            [(SparseCodingStep.Online, "online"), (SparseCodingStep.Paper, "paper")],
            o => o.BatchStep, (o, v) => o with { BatchStep = v }) with { Needs = SettingNames.Batch },
        Set.Text(
            "annealing", "KIND",
            "Weights of the entropies in the first epochs on batches (or iterations of em): none, prior, likelihood or tempering, or one "
                + "of these with a list that ends at 1, as in prior:4,2,1.",
            new("none, prior, likelihood or tempering, with weights if you like: prior:4,2,1", t => AnnealingSchedule.Parse(t).ToString()),
            o => o.Annealing.ToString(), (o, v) => o with { Annealing = AnnealingSchedule.Parse(v) }),
        Sparse.Covariance(
            o => o.Covariance, (o, v) => o with { Covariance = v }, (SparseCovariance.LowRank, LowRank, "low-rank (of a rank)")),
        Set.Whole(
            "covariance-rank", "R", "Columns of V in low-rank covariances, V V' plus a diagonal.", new(1, SparseCodingOptions.MaxRank),
            o => o.Rank, (o, v) => o with { Rank = v }) with { Needs = Sparse.CovarianceName, NeededValue = LowRank },
        Set.Choice(
            LearningName, "Codes by E-steps, or by a network that learns with the fields on batches (amortised).",
            [(SparseCodingLearning.ESteps, "e-steps"), (SparseCodingLearning.Amortised, Amortised)],
            o => o.Learning, (o, v) => o with { Learning = v }),
        Set.Choice(
            "encoding", "Rows are encoded by the network, or by an E-step from its output.",
            [(SparseCodingEncoding.Network, "network"), (SparseCodingEncoding.EStep, "e-step")],
            o => o.Encoding, (o, v) => o with { Encoding = v }) with { Needs = LearningName, NeededValue = Amortised },
        Set.LearningRate(
            o => o.LearningRate, (o, v) => o with { LearningRate = v }) with { Needs = LearningName, NeededValue = Amortised },
        Set.Choice(
            OptimizerName, "L-BFGS on the parameters with every row's code at its optimum, EM, or L-BFGS on parameters and codes together "
                + "(joint; slow).",
            [(SparseCodingOptimizer.LBfgs, LBfgs), (SparseCodingOptimizer.Em, "em"), (SparseCodingOptimizer.Joint, "joint")],
            o => o.Optimizer, (o, v) => o with { Optimizer = v }) with { Excludes = SettingNames.Batch },
        Sparse.Start(
            "One scale for all latents until the ELBO hardly rises, or one each from the start (not with em).",
            o => o.ScaleStart, (o, v) => o with { ScaleStart = v }) with { Needs = OptimizerName, NeededValue = LBfgs },
        Sparse.Restarts(SparseCodingOptions.MaxRestarts, o => o.Restarts, (o, v) => o with { Restarts = v }) with
        {
            Excludes = SettingNames.Batch,
        },
        Set.Switch("centre", "Whether the columns' mean is learned; else it is 0.", o => o.Centre, (o, v) => o with { Centre = v }),
        Set.StationarityTolerance(o => o.StationarityTolerance, (o, v) => o with { StationarityTolerance = v }),
        Set.VarianceFloor(new(1e-12, 0.1), o => o.VarianceFloor, (o, v) => o with { VarianceFloor = v }),
        Sparse.InnerTolerance(o => o.InnerTolerance, (o, v) => o with { InnerTolerance = v }),
        Sparse.EncodingTolerance(o => o.EncodingTolerance, (o, v) => o with { EncodingTolerance = v }),
        Set.Seed(o => o.Seed, (o, v) => o with { Seed = v }),
        Set.OnlyLikelihood("gaussian"),
        Set.Scale(o => o.Scaling, (o, v) => o with { Scaling = v }),
    ];

    /// <summary>The entry.</summary>
    public static ModelFamily Entry { get; } = ModelFamily.Of(
        Name, "Sparse coding: Laplace latents, a linear dictionary, and a normal posterior for every row", "Sparse coding",
        new SparseCodingOptions { Latents = 0 }, Settings, options => new SparseCodingTrainer(options), SparseCodingFile.Read);
}
