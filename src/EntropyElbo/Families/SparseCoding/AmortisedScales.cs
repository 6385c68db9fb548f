using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// lambda, sigma^2 and mu of amortised learning, in closed form (V Theorem 2) for running means of what the codes of batches gave.
/// </summary>
internal sealed class AmortisedScales(SparseCodingOptions options, SparseCodingColumns columns, double[] origin)
{
    private readonly SparseCodingFloors _floors = SparseCodingFloors.Of(options, columns);
    private readonly SparseCodingSums _running = new(columns.Count, options.Latents);
    private long _batchesSinceChange;
    private bool _isStarted;

    /// <summary>Starts an epoch: codes under other weights are soon forgotten.</summary>
    public void Begin(int epoch)
    {
        if (epoch > 0 && options.Schedule.At(epoch) != options.Schedule.At(epoch - 1))
        {
            _batchesSinceChange = 0;
        }
    }

    /// <summary>Mixes a batch in; parameters with new fields.</summary>
    public SparseCodingParameters Learn(SparseCodingParameters before, double[][] fields, SparseCodingSums batch, int epoch)
    {
        batch.MoveOrigin(before.Mean, origin);
        _running.Mix(batch, _isStarted ? Math.Pow(_batchesSinceChange + 2, MinibatchFit.Exponent) : 1);
        _isStarted = true;
        _batchesSinceChange++;
        return Of(before, fields, _running, origin, MinibatchFit.Rule(options, options.Schedule, epoch));
    }

    /// <summary>The same fields with the optima for sums of all rows.</summary>
    public SparseCodingParameters Close(SparseCodingParameters parameters, SparseCodingSums all)
    {
        double[][] fields = [.. Enumerable.Range(0, parameters.Latents).Select(parameters.Field)];
        return Of(parameters, fields, all, parameters.Mean, ScaleRule.Free, isExact: true);
    }

    /// <summary>Adds the state to a checkpoint.</summary>
    public void Write(ModelRecord record)
    {
        record.Set("batchesSinceChange", _batchesSinceChange);
        _running.Write(record);
    }

    /// <summary>Takes the state from a checkpoint.</summary>
    public void Read(ModelRecord record)
    {
        _batchesSinceChange = record.Count("batchesSinceChange");
        _running.Read(record);
        _isStarted = _running.Rows > 0;
    }

    /// <param name="before">The parameters of the codes.</param>
    /// <param name="fields">Fields of length 1.</param>
    /// <param name="sums">What the codes gave.</param>
    /// <param name="from">What the sums count rows from.</param>
    /// <param name="rule">What becomes of lambda.</param>
    /// <param name="isExact">Whether the sums are those of the parameters, so that what a better mu takes from the errors is known.</param>
    private SparseCodingParameters Of(
        SparseCodingParameters before, double[][] fields, SparseCodingSums sums, double[] from, ScaleRule rule, bool isExact = false)
    {
        double[] mean = [.. options.Centre ? Maximisation.Mean(from, sums, fields) : before.Mean];
        double[] sizes = Array.ConvertAll(sums.Sizes[..before.Latents], s => s / sums.Rows);
        double gain = isExact ? VectorFold.SquaredDistance(mean, before.Mean) : 0;
        double noise = ((sums.Errors / sums.Rows) - gain) / before.Columns;
        return SparseCodingParameters.OfUnitFields(
            fields, Maximisation.Scales(sizes, rule, before.Scales, _floors.Scale), Math.Max(noise, _floors.Noise), mean);
    }
}
