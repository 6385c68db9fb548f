using EntropyElbo.Reports;

namespace MLNet.EntropyElbo;

/// <summary>
/// How well a latent-variable model describes rows, and how far it is from converged. Nats per row in units of the data that the model
/// takes, whatever its own scaling, so that models with different scalings compare; behind a normaliser these are the normaliser's units.
/// </summary>
public sealed class LatentVariableMetrics
{
    private readonly double _logVolume;

    /// <summary>Puts a report into units of the data.</summary>
    /// <param name="report">The report, in units of the model's scaled columns.</param>
    /// <param name="logVolume">The scaling's log-volume.</param>
    internal LatentVariableMetrics(Evaluation report, double logVolume)
    {
        Report = report;
        _logVolume = logVolume;
    }

    /// <summary>Evidence lower bound; higher is better; any finite number.</summary>
    public double Elbo => Report.Summary.Elbo + _logVolume;

    /// <summary>
    /// Closed-form sum of entropies; equal to <see cref="Elbo"/> where training has become stationary. It describes rows
    /// that the model was trained on; on others only ELBO, reconstruction and KL speak for the data.
    /// </summary>
    public double EntropySum => Report.Summary.EntropySum + _logVolume;

    /// <summary>|ELBO - entropy sum| / |ELBO|; 0 is best.</summary>
    public double RelativeGap => Math.Abs(Elbo - EntropySum) / Math.Abs(Elbo);

    /// <summary>
    /// How far the model is from converged, over all its parameters: a fact of its fit, measured on its training rows, whatever
    /// rows these metrics are of. Null where the model does not say.
    /// </summary>
    public ConvergenceCertificate? Certificate { get; internal init; }

    /// <summary>
    /// Nats per row that the training rows still have to offer nearby, at least about; null where <see cref="Certificate"/> does not say.
    /// </summary>
    public double? ExpectedGain => Certificate?.ExpectedGain;

    /// <summary>The prior's share of the gap; 0 at stationary points.</summary>
    public double PriorResidual => Report.Summary.PriorResidual;

    /// <summary>The observable distribution's share of the gap; 0 at stationary points.</summary>
    public double NoiseResidual => Report.Summary.NoiseResidual;

    /// <summary>Mean expected log-likelihood of the rows given their latents; higher is better.</summary>
    public double Reconstruction => Report.Summary.Reconstruction + _logVolume;

    /// <summary>Mean Kullback-Leibler divergence from the prior to the encoder distribution; at least 0.</summary>
    public double KlDivergence => Report.Summary.Kl;

    /// <summary>
    /// Standard error of <see cref="Elbo"/> that comes from Monte-Carlo sampling; 0 where nothing is sampled. It says nothing of
    /// how much the rows differ: that is the standard error of held-out trials of a selection.
    /// </summary>
    public double SamplingError => Report.Summary.StandardError;

    /// <summary>Bayesian information criterion of these rows, nats for all rows; lower is better.</summary>
    public double BayesianInformationCriterion => Report.Bic - InAllRows;

    /// <summary>Akaike information criterion of these rows, nats for all rows; lower is better.</summary>
    public double AkaikeInformationCriterion => Report.Aic - InAllRows;

    /// <summary>Number of collapsed latents by each criterion; 0 to the number of latents.</summary>
    public CollapsedLatents CollapsedLatents => Report.Collapsed;

    /// <summary>Number of rows, those with missing values left out.</summary>
    public long Rows => Report.Summary.Rows;

    /// <summary>The whole report, with every latent, in units of the model's scaled columns.</summary>
    public Evaluation Report { get; }

    private double InAllRows => 2.0 * Rows * _logVolume;
}

/// <summary>One fold of <see cref="LatentVariablesCatalog.CrossValidate"/>.</summary>
public sealed class LatentCrossValidationResult
{
    internal LatentCrossValidationResult(
        Microsoft.ML.ITransformer model, LatentVariableMetrics metrics, Microsoft.ML.IDataView scored, int fold)
    {
        Model = model;
        Metrics = metrics;
        ScoredHoldOutSet = scored;
        Fold = fold;
    }

    /// <summary>The model of the fold.</summary>
    public Microsoft.ML.ITransformer Model { get; }

    /// <summary>The metrics of the rows held out.</summary>
    public LatentVariableMetrics Metrics { get; }

    /// <summary>The rows held out, encoded by the model.</summary>
    public Microsoft.ML.IDataView ScoredHoldOutSet { get; }

    /// <summary>Zero-based index of the fold.</summary>
    public int Fold { get; }
}
