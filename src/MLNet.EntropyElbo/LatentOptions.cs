using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.SearchSpace;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>
/// Options that every family has. All are properties, and those worth searching carry ML.NET's public range attributes,
/// so that <see cref="LatentVariablesCatalog"/> and Microsoft.ML.AutoML can sweep them.
/// </summary>
public abstract class LatentOptions
{
    /// <summary>Default of <see cref="OutputColumnName"/>.</summary>
    public const string DefaultOutputColumnName = "Latent";

    /// <summary>Default of <see cref="InputColumnName"/>.</summary>
    public const string DefaultInputColumnName = "Features";

    /// <summary>What is added to <see cref="OutputColumnName"/> for the default of <see cref="VarianceColumnName"/>.</summary>
    public const string VarianceSuffix = "Variance";

    /// <summary>Default of <see cref="AnomalyScoreColumnName"/> where <see cref="Contamination"/> is given.</summary>
    public const string DefaultAnomalyScoreColumnName = "Score";

    /// <summary>Default of <see cref="PredictedLabelColumnName"/> where <see cref="Contamination"/> is given.</summary>
    public const string DefaultPredictedLabelColumnName = "PredictedLabel";

    /// <summary>Default of <see cref="Latents"/>.</summary>
    public const int DefaultLatents = 8;

    private protected LatentOptions()
    {
    }

    /// <summary>
    /// Column that takes the latent means, Vector of Single, H slots named after the column; for mixtures the responsibilities.
    /// </summary>
    public string OutputColumnName { get; set; } = DefaultOutputColumnName;

    /// <summary>Column of the rows: a vector of numbers of known size, dense or sparse.</summary>
    public string InputColumnName { get; set; } = DefaultInputColumnName;

    /// <summary>
    /// Column of the rows' weights, a Single or Double; null where every row counts as one. A row of weight 3 counts as 3 rows, one of
    /// weight 0 as none; weights that are no counts should have mean 1. <c>TestData</c> has the column too.
    /// </summary>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>
    /// Column that takes the latent variances, H slots; null for <see cref="OutputColumnName"/> with <see cref="VarianceSuffix"/>,
    /// empty for none.
    /// </summary>
    public string? VarianceColumnName { get; set; }

    /// <summary>Column that takes the row decoded from its latent means, D slots in units of the data; null for none.</summary>
    public string? ReconstructionColumnName { get; set; }

    /// <summary>
    /// Column that takes the anomaly score, minus the ELBO of the row in nats, in units of the data; higher is stranger; null for
    /// none, and for <see cref="DefaultAnomalyScoreColumnName"/> where <see cref="Contamination"/> is given.
    /// </summary>
    public string? AnomalyScoreColumnName { get; set; }

    /// <summary>
    /// Column that takes each input column's part of the anomaly score, D slots with the input's slot names, nats in units of the
    /// data; with the slots of <see cref="KlColumnName"/> they add up to the score. Null for none.
    /// </summary>
    public string? ColumnScoresColumnName { get; set; }

    /// <summary>
    /// Column that takes the latents' parts of the anomaly score, KL divergences in nats: H slots, or one a layer for belief nets;
    /// null for none.
    /// </summary>
    public string? KlColumnName { get; set; }

    /// <summary>Column that takes the ELBO of the row, nats in units of the data; null for none.</summary>
    public string? ElboColumnName { get; set; }

    /// <summary>
    /// Share of the training rows that are to be called anomalies, from 0 to below 1: <c>Fit</c> learns the score that this share
    /// exceeds, and rows above it are true in <see cref="PredictedLabelColumnName"/>. Null for no prediction.
    /// </summary>
    public double? Contamination { get; set; }

    /// <summary>
    /// Column that says whether a row's score is above the threshold, Boolean, where <see cref="Contamination"/> is given; null for
    /// <see cref="DefaultPredictedLabelColumnName"/>. A row without a score (a value is missing) is true: only a score can call a
    /// row normal.
    /// </summary>
    public string? PredictedLabelColumnName { get; set; }

    /// <summary>
    /// Whether latent means are whitened: uncorrelated, of mean 0 and variance 1 over the training rows, by the map that changes them
    /// least; variances are those of the whitened latents. What does not vary stays 0. Not for mixtures, whose latents are responsibilities.
    /// </summary>
    public bool Whiten { get; set; }

    /// <summary>Monte-Carlo samples of the ELBO of a row, where the family needs any.</summary>
    public int ElboSamples { get; set; } = EvaluateOptions.DefaultSamples;

    /// <summary>Whether a fit ends by measuring how far it is from converged, in at most two passes over the rows.</summary>
    public bool Certificate { get; set; } = true;

    /// <summary>Number of latents, H (for mixtures, of components).</summary>
    [Range(1, 64, DefaultLatents, true)]
    public int Latents { get; set; } = DefaultLatents;

    /// <summary>Scaling of the columns, part of the model; null for the family's own.</summary>
    public ScalingKind? Scaling { get; set; }

    /// <summary>Seed of everything random in the fit; null for one drawn from the MLContext when the estimator is made.</summary>
    public int? Seed { get; set; }

    /// <summary>Threads; 0 for one per core. The model does not depend on it.</summary>
    public int Threads { get; set; }

    /// <summary>Where rows are while training.</summary>
    public DataCaching Caching { get; set; } = DataCaching.Auto;

    /// <summary>
    /// The GPU to train on; null for <c>MLContext.GpuDeviceId</c>; where that is null too, the first GPU there is, else the CPU.
    /// </summary>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether to train on the CPU where the GPU asked for cannot be used; null for <c>MLContext.FallbackToCpu</c>.</summary>
    public bool? FallbackToCpu { get; set; }

    /// <summary>Whether to train on the CPU, whatever GPUs there are and whatever the MLContext asks for.</summary>
    public bool UseCpu { get; set; }

    /// <summary>
    /// Rows that are not trained on, as they reach this estimator in the pipeline: their report is
    /// <see cref="LatentTransformer.TestMetrics"/>, and networks may stop early by them. Null for none.
    /// </summary>
    [JsonIgnore]
    public IDataView? TestData { get; set; }

    /// <summary>File that keeps the state of training, so that a later fit can go on from it; null for none.</summary>
    public string? CheckpointPath { get; set; }

    /// <summary>Epochs between checkpoints.</summary>
    public int CheckpointEpochs { get; set; } = 1;

    /// <summary>Whether to go on from <see cref="CheckpointPath"/> where it exists; data and options must be the same.</summary>
    public bool Resume { get; set; }

    /// <summary>
    /// A trained model whose parameters are the first of the fit, of the same family, columns and shape (sparse coding: with more or
    /// fewer latents if you like), and whose scaling is kept: another transformer's <see cref="LatentTransformer.Model"/>, or one that
    /// <c>ModelFamilies.Load</c> reads. Null for the family's own start.
    /// </summary>
    [JsonIgnore]
    public LatentModel? From { get; set; }

    /// <summary>Training ends after the first epoch that passes this time; null for no limit.</summary>
    public TimeSpan? TimeBudget { get; set; }

    /// <summary>Stops <c>Fit</c> with <see cref="OperationCanceledException"/>.</summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Receives progress after each epoch.</summary>
    [JsonIgnore]
    public IProgress<FitProgress>? Progress { get; set; }

    /// <summary>A copy, so that an estimator does not change with the options it was made from.</summary>
    internal LatentOptions Copy() => (LatentOptions)MemberwiseClone();

    /// <summary>
    /// The most latents that rows of so many columns allow, and so many rows where that is known: a direction must be left for
    /// noise, and a row more than latents.
    /// </summary>
    internal virtual int? MostLatents(int columns, int? rows) => Math.Max(1, Math.Min(columns, rows ?? columns) - 1);

    /// <summary>The columns to add.</summary>
    internal virtual OutputColumns Outputs => new()
    {
        Means = OutputColumnName,
        Variances = VarianceColumnName switch { null => OutputColumnName + VarianceSuffix, "" => null, _ => VarianceColumnName },
        Reconstruction = ReconstructionColumnName,
        AnomalyScore = AnomalyScoreColumnName ?? (Contamination is null ? null : DefaultAnomalyScoreColumnName),
        PredictedLabel = Contamination is null ? null : PredictedLabelColumnName ?? DefaultPredictedLabelColumnName,
        Elbo = ElboColumnName,
        ColumnScores = ColumnScoresColumnName,
        Kl = KlColumnName,
        Component = null,
        Distances = null,
    };
}
