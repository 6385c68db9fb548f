using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Parameter-expanded EM on all rows: an E-step, then the exact M-step for its q. The values after an iteration are those of that q
/// and the new parameters.
/// </summary>
internal sealed class EmFit(
    SparseCodingOptions options, SparseCodingColumns columns, SparseCodingPass pass, SparseCodingParameters start) : ISparseCodingFit
{
    /// <summary>Iterations over which the rise of the ELBO is judged.</summary>
    private const int Window = 20;

    private readonly SparseCodingFloors _floors = SparseCodingFloors.Of(options, columns);

    public IterationValues Current { get; private set; }

    public long Steps { get; private set; }

    public SparseCodingParameters Parameters { get; private set; } = start;

    public bool HasVanishingResiduals => true;

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        (double prior, double noise) = options.Annealing.At((int)Math.Min(Steps, int.MaxValue));
        PosteriorModel model = new(
            Parameters.Fields, Parameters.Scales, Parameters.NoiseVariance, prior, noise)
        { Tolerance = options.InnerTolerance };
        SparseCodingSums sums;
        try
        {
            sums = pass.Run(Parameters, model, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return IterationOutcome.Cancelled;
        }

        Maximisation step = Maximisation.Of(
            Parameters.Mean, sums, options.Centre, _floors, Parameters, prior > 1 ? ScaleRule.Held : ScaleRule.Free);
        pass.Stretch(step.Lengths);
        (Parameters, Current) = (step.Parameters, step.Values);
        Steps++;
        return IterationOutcome.Moved;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history) => options.StationarityTolerance > 0
        && history.Count > Window + options.Annealing.Epochs
        && history[^1].Elbo - history[^(Window + 1)].Elbo < options.StationarityTolerance * columns.Size(history[^1].Elbo);

    public void Write(ModelRecord record)
    {
        record.Set("steps", Steps);
        SparseCodingFile.Write(record, Parameters);
        pass.Write(record);
    }

    public void Read(ModelRecord record)
    {
        Steps = record.Count("steps");
        Parameters = SparseCodingFile.Read(record, Parameters.Latents, Parameters.Columns);
        pass.Read(record);
    }
}
