using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// A linear VAE by Adam on minibatches; an iteration is an epoch. The rate falls to 0 over the last quarter, as a cosine.
/// </summary>
internal sealed class LinearVaeAdamFit : ILinearVaeFit
{
    private const double SettleShare = 0.25;

    /// <summary>Bound on the residuals at the end, as a share of |ELBO|; the default of minibatch training.</summary>
    private const double EndTolerance = 1e-3;

    private readonly LinearVaeOptions _options;
    private readonly LinearVaeLearner _learner;
    private readonly TrainingRows _rows;
    private MatrixView<float> _gathered;
    private double[] _batch = [];

    public LinearVaeAdamFit(LinearVaeOptions options, LinearVaeLearner learner, TrainingRows rows)
    {
        _options = options;
        _learner = learner;
        _rows = rows;
    }

    public IterationValues Current { get; private set; }

    public long Steps => _learner.Steps;

    public bool IsFloored => _learner.IsFloored;

    public bool HasVanishingResiduals => false;

    public string? Shortfall => null;

    private int Epoch { get; set; }

    public LinearGaussian Parameters() => _learner.ToLinearGaussian();

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        _rows.BeginEpoch(Epoch);
        long batches = (_rows.Count + _options.BatchSize - 1) / _options.BatchSize;
        double elbo = 0, entropies = 0, prior = 0, noise = 0;
        for (int batch = 0; _rows.NextBatch(); batch++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return IterationOutcome.Cancelled;
            }

            IterationValues values = _learner.Step(Gather(), Rate(Epoch + ((double)batch / batches)));
            double weight = (double)_rows.BatchRows / _rows.Count;
            elbo += weight * values.Elbo;
            entropies += weight * values.EntropySum;
            prior += weight * values.PriorResidual;
            noise += weight * values.NoiseResidual;
            Current = new IterationValues(elbo, entropies, prior, noise, values.Collapsed);
        }

        Epoch++;
        return IterationOutcome.Moved;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history) =>
        history.Count >= _options.Limit
        && StationarityRule.IsStationary(history, 0, Math.Max(1, Math.Min(StationarityRule.WindowEpochs, history.Count / 2)), EndTolerance);

    public void Write(ModelRecord record)
    {
        record.Set("epoch", Epoch);
        _learner.Write(record);
    }

    public void Dispose() => _learner.Release();

    public void Read(ModelRecord record)
    {
        Epoch = record.SmallCount("epoch");
        _learner.Read(record);
    }

    private double Rate(double epoch) => _options.LearningRate * CosineDecay.At(epoch, (1 - SettleShare) * _options.Limit, _options.Limit);

    private ReadOnlySpan<double> Gather()
    {
        int columns = _learner.Columns;
        if (_rows.BatchRows > _gathered.Rows)
        {
            _gathered = new Matrix<float>(_rows.BatchRows, columns);
            _batch = new double[_rows.BatchRows * columns];
        }

        MatrixView<float> view = _gathered.Slice(0, _rows.BatchRows);
        _rows.Gather(0, view);
        ElementLoops.Store(view, 0, columns, view.Rows, _batch);
        return _batch.AsSpan(0, view.Rows * columns);
    }
}
