using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo;

namespace EncodingService;

/// <summary>A pipeline to serve: handwritten digits, scaled, and a VAE.</summary>
internal static class ExampleModel
{
    /// <summary>The rows.</summary>
    public static IDataView Digits(MLContext ml) => ml.Data.LoadFromTextFile(
        Path.Combine(AppContext.BaseDirectory, "digits.csv"),
        [new TextLoader.Column(ServedModel.FeatureColumn, DataKind.Single, 0, 63)],
        separatorChar: ',',
        hasHeader: true);

    /// <summary>Trains it.</summary>
    public static ITransformer Train(MLContext ml, IDataView data, int seed, int epochs = 50) =>
        ml.Transforms.NormalizeMinMax("Scaled", ServedModel.FeatureColumn)
            .Append(ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
            {
                OutputColumnName = nameof(Code.Latent),
                InputColumnName = "Scaled",
                AnomalyScoreColumnName = nameof(Code.Score),
                Latents = 16,
                Hidden = [64],
                Epochs = epochs,
                Seed = seed,
            })).Fit(data);

    /// <summary>Saves it beside, and puts it into its place by renaming, so that nobody reads half of it.</summary>
    public static void Save(MLContext ml, ITransformer model, DataViewSchema schema, string path)
    {
        string beside = path + ".new";
        ml.Model.Save(model, schema, beside);
        File.Move(beside, path, overwrite: true);
    }
}
