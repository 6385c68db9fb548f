using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Training;

namespace MLNet.EntropyElbo.Training;

/// <summary>What a trainer's options tell before there are rows.</summary>
internal static class TrainerFacts
{
    /// <summary>Throws where an option is out of range.</summary>
    /// <exception cref="global::EntropyElbo.BadOptionException">The message names the option and its range.</exception>
    public static void Validate(ITrainer trainer)
    {
        switch (trainer)
        {
            case ProbabilisticPcaTrainer ppca:
                ppca.Options.Validate();
                break;
            case FactorAnalysisTrainer analysis:
                analysis.Options.Validate();
                break;
            case LinearVaeTrainer linear:
                linear.Options.Validate();
                break;
            case SparseCodingTrainer sparse:
                sparse.Options.Validate();
                break;
            case PoissonSparseCodingTrainer counts:
                counts.Options.Validate();
                break;
            case GaussianVaeTrainer vae:
                vae.Options.Validate();
                break;
            case MixtureTrainer mixture:
                mixture.Options.Validate();
                break;
            case SigmoidBeliefNetTrainer net:
                net.Options.Validate();
                break;
        }
    }

    /// <summary>Whether rows reach the model as Singles, after its scaling.</summary>
    public static bool ComputesInSingles(ITrainer trainer) => trainer is GaussianVaeTrainer;

    /// <summary>Bytes of the numbers of a model for rows of so many columns, at least: names and reports come on top.</summary>
    public static long ModelBytes(ITrainer trainer, int columns)
    {
        long d = columns;
        long parameters = trainer switch
        {
            ProbabilisticPcaTrainer ppca => sizeof(double) * d * (ppca.Options.Latents + 1),
            FactorAnalysisTrainer analysis => sizeof(double) * d * (analysis.Options.Latents + 2),
            LinearVaeTrainer linear => sizeof(double) * d * ((2L * linear.Options.Latents) + 1),
            SparseCodingTrainer sparse => sizeof(double) * (((d + 1) * sparse.Options.Latents) + d),
            PoissonSparseCodingTrainer counts => sizeof(double) * (((d + 1) * counts.Options.Latents) + d),
            GaussianVaeTrainer vae =>
                sizeof(float) * new VaeNetwork(vae.Options.Architecture(columns)).Layout.Tensors.Sum(t => (long)t.Rows * t.Columns),
            MixtureTrainer mixture => sizeof(double) * MixtureSpecification.Parse(mixture.Options.Family).Resolve(columns)
                .Sum(range => MixtureParameters(range, mixture.Options.Components)),
            SigmoidBeliefNetTrainer net => sizeof(double) * BeliefNetParameters(net.Options, columns),
            _ => 0,
        };
        return parameters + (2 * sizeof(double) * d); // The scaling.
    }

    /// <summary>Parameters of every component, and the reference that all share; categories are not known before the rows.</summary>
    private static long MixtureParameters(ColumnRange range, long components) => range.Count * range.Family switch
    {
        "gaussian-full" => (components * (1L + range.Count)) + 2,
        "gaussian-tied" => components + range.Count + 2,
        "gaussian-diagonal" or "gamma" or "beta" or "categorical" => (2 * components) + 2,
        _ => components + 2,
    };

    private static long BeliefNetParameters(SigmoidBeliefNetOptions options, long columns)
    {
        long sum = 0, outputs = columns;
        foreach (int inputs in (IEnumerable<int>)[options.Latents, .. options.DeeperLayers])
        {
            sum += outputs * (inputs + 1);
            outputs = inputs;
        }

        return sum + outputs;
    }
}
