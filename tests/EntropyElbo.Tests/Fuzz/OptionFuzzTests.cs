using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>Products of settings, allowed ones and others: a fit trains, or ends in a documented exception.</summary>
[TestClass]
public sealed class OptionFuzzTests
{
    private static readonly int[] Sizes = [-1, 0, 1, 2, 2, 2, 3, 3, 5, 40, 65_536, 65_537, int.MaxValue];
    private static readonly double[] Numbers = [0, 1, 0.5, 1e-3, 1e-6, 1e-9, 2, -1, 1e300, double.NaN, double.PositiveInfinity];
    private static readonly string[] Likelihoods = ["gaussian", "gaussian", "bernoulli", "binomial:8", "poisson", "continuous-bernoulli", "gamma", "binomial:2147483647"];

    [TestMethod]
    public void ProductsOfSettingsTrainOrAreRefused() => new FuzzRun("options").Seeds(250, 1500, seed =>
    {
        Random random = new(seed);
        InMemoryRows rows = FuzzModels.All[random.Next(FuzzModels.All.Count)].Rows;
        try
        {
            Trainer(random).Fit(rows, new FitContext { Threads = 1, TestRows = random.Next(3) == 0 ? rows : null });
            return "trains";
        }
        catch (Exception error) when (error is BadOptionException or BadDataException or TrainingException)
        {
            return error.GetType().Name;
        }
    });

    private static ITrainer Trainer(Random random) => random.Next(8) switch
    {
        0 => new ProbabilisticPcaTrainer(new() { Latents = Size(random), Scaling = Pick<ScalingKind>(random), VarianceFloor = Number(random) }),
        1 => new FactorAnalysisTrainer(new()
        {
            Latents = Size(random),
            Iterations = Few(random),
            Scaling = Pick<ScalingKind>(random),
            VarianceFloor = Number(random),
            StationarityTolerance = Number(random),
        }),
        2 => new LinearVaeTrainer(new()
        {
            Latents = Size(random),
            Iterations = Few(random),
            Scaling = Pick<ScalingKind>(random),
            Optimizer = Pick<LinearVaeOptimizer>(random),
            Initialisation = Pick<LinearVaeInitialisation>(random),
            BatchSize = Size(random),
            LearningRate = Number(random),
        }),
        3 => new MixtureTrainer(new()
        {
            Family = MixtureSpecification.Families[random.Next(MixtureSpecification.Families.Length)],
            Components = Math.Min(Size(random), 1000),
            Iterations = Few(random),
            BatchSize = random.Next(2) == 0 ? null : Size(random),
            KeptComponents = random.Next(2) == 0 ? null : Size(random),
            Restarts = Few(random),
            VarianceFloor = random.Next(2) == 0 ? 1e-6 : Number(random),
            StationarityTolerance = Number(random),
        }),
        4 => new SigmoidBeliefNetTrainer(new()
        {
            Latents = Size(random),
            DeeperLayers = Hidden(random),
            Iterations = Few(random),
            Posterior = Pick<BeliefPosterior>(random),
            States = Size(random),
            StationarityTolerance = Number(random),
        }),
        _ => new GaussianVaeTrainer(Vae(random)),
    };

    private static GaussianVaeOptions Vae(Random random) => new()
    {
        Variant = Pick<VaeVariant>(random),
        Latents = Size(random),
        Hidden = Hidden(random),
        DecoderHidden = random.Next(2) == 0 ? null : Hidden(random),
        Images = random.Next(4) > 0 ? null : new ImageNetworks { Shape = new ImageShape(2, 2, 1), Filters = Hidden(random) },
        Start = random.Next(2) == 0 ? NetworkStart.Random : Pick<NetworkStart>(random),
        InitialLogVariance = random.Next(3) == 0 ? Number(random) : null,
        FixedVariance = random.Next(3) == 0 ? Number(random) : 0.01,
        VarianceUpdate = random.Next(2) == 0 ? VarianceUpdate.Gradient : Pick<VarianceUpdate>(random),
        VarianceOutput = random.Next(2) == 0 ? VarianceOutput.Exponential : Pick<VarianceOutput>(random),
        Likelihood = ObservableLikelihood.Parse(Likelihoods[random.Next(Likelihoods.Length)]),
        Scaling = random.Next(2) == 0 ? null : Pick<ScalingKind>(random),
        Training = new MinibatchOptions
        {
            Epochs = Few(random),
            BatchSize = random.Next(2) == 0 ? 16 : Size(random),
            LearningRate = random.Next(2) == 0 ? 1e-3 : Number(random),
            SettleShare = random.Next(2) == 0 ? 0.25 : Number(random),
            Samples = random.Next(3) == 0 ? Math.Min(3, Size(random)) : 1,
            Objective = random.Next(3) == 0 ? Pick<TrainingObjective>(random) : TrainingObjective.Elbo,
            Annealing = random.Next(3) > 0 ? null : new EntropyAnnealing { Kind = Pick<EntropyAnnealingKind>(random), EpochsPerValue = Size(random), PriorWeights = [Number(random), 1] },
            EarlyStoppingPatience = random.Next(3) == 0 ? Size(random) : null,
            KlWeight = new KlSchedule { Kind = Pick<KlScheduleKind>(random), Weight = Number(random), StartWeight = Number(random), Epochs = Size(random), Cycles = Size(random) },
        },
    };

    private static int[] Hidden(Random random) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Size(random))];

    private static int Size(Random random) => Sizes[random.Next(Sizes.Length)];

    private static int Few(Random random) => random.Next(8) == 0 ? -1 : random.Next(1, 4);

    private static double Number(Random random) => Numbers[random.Next(Numbers.Length)];

    private static T Pick<T>(Random random)
        where T : struct, Enum
    {
        T[] values = Enum.GetValues<T>();
        return random.Next(12) == 0 ? (T)Enum.ToObject(typeof(T), 999) : values[random.Next(values.Length)];
    }
}
