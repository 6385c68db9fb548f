using EntropyElbo.Models;
using MLNet.EntropyElbo;

// Handwritten digits (1,797 images of 8 x 8): how much of what a classifier needs is in 16 latents?
//
//   dotnet run                       fit, compare, save, and predict in a second process
//   dotnet run -- predict FILE.zip   what the second process does
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int latents = 16;
MLContext ml = new(seed: 1);
IDataView digits = ml.Data.LoadFromTextFile(
    Path.Combine(AppContext.BaseDirectory, "digits.csv"),
    [new TextLoader.Column("Pixels", DataKind.Single, 0, 63), new TextLoader.Column("Digit", DataKind.Int32, 64)],
    separatorChar: ',',
    hasHeader: true);

if (args is ["predict", string file])
{
    Predict(file);
    return;
}

DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(digits, testFraction: 0.25);
IDataView training = ml.Data.Cache(split.TrainSet);

// The ten-line pipeline: scale, encode into latents, classify.
LatentVariablesCatalog latentVariables = ml.LatentVariables();
var vae = Label()
    .Append(ml.Transforms.NormalizeMinMax("Scaled", "Pixels"))
    .Append(latentVariables.GaussianVae("Latent", "Scaled", latents, hidden: [128, 64], epochs: 150))
    .Append(Classifier("Latent"));
ITransformer vaeModel = vae.Fit(training);

Console.WriteLine($"accuracy on {split.TestSet.GetColumn<int>("Digit").Count()} digits that training did not see");
Report($"VAE-1, {latents} latents", vaeModel);
Report($"probabilistic PCA, {latents} latents", Label()
    .Append(latentVariables.ProbabilisticPca("Latent", "Pixels", latents)).Append(Classifier("Latent")).Fit(training));
Report($"ProjectToPrincipalComponents, {latents}", Label()
    .Append(ml.Transforms.ProjectToPrincipalComponents("Latent", "Pixels", rank: latents)).Append(Classifier("Latent")).Fit(training));
Report("64 raw pixels", Label()
    .Append(ml.Transforms.NormalizeMinMax("Scaled", "Pixels")).Append(Classifier("Scaled")).Fit(training));

// What no other transformer says: how good the fit is, how far from converged, and what collapsed.
LatentModel model = latentVariables.FindModel(vaeModel);
LatentVariableMetrics trained = latentVariables.Evaluate(vaeModel, training);
LatentVariableMetrics tested = latentVariables.Evaluate(vaeModel, split.TestSet);
Console.WriteLine();
Console.WriteLine($"VAE-1 on its training rows: ELBO {trained.Elbo:F2}, entropy sum {trained.EntropySum:F2} nats per row, gap {100 * trained.RelativeGap:F2} %");
Console.WriteLine($"  {model.Training.StopReason} after {model.Training.Epochs} epochs, {trained.CollapsedLatents.Entropy} of {latents} latents collapsed");
Console.WriteLine($"on the test rows: ELBO {tested.Elbo:F2} +/- {tested.SamplingError:F2} (sampling)");

// The trained model is an ordinary ML.NET zip: another process loads it without knowing how it was made.
string zip = Path.Combine(Path.GetTempPath(), $"digits-{Guid.NewGuid():N}.zip");
try
{
    ml.Model.Save(vaeModel, digits.Schema, zip);
    Console.WriteLine();
    Console.WriteLine($"saved {new FileInfo(zip).Length / 1024} KB; a second process loads it and predicts:");
    using Process second = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, SecondArguments(zip)))!;
    second.WaitForExit();
    Environment.ExitCode = second.ExitCode;
}
finally
{
    File.Delete(zip);
}

IEstimator<ITransformer> Label() => ml.Transforms.Conversion.MapValueToKey("Label", "Digit");

IEstimator<ITransformer> Classifier(string column) => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Label", column);

void Report(string name, ITransformer fitted)
{
    MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(fitted.Transform(split.TestSet));
    Console.WriteLine($"  {name,-38} {100 * metrics.MicroAccuracy:F1} %");
}

void Predict(string path)
{
    ITransformer loaded = ml.Model.Load(path, out _);
    using PredictionEngine<Digit, Prediction> engine = ml.Model.CreatePredictionEngine<Digit, Prediction>(loaded);
    Digit[] rows = [.. ml.Data.CreateEnumerable<Digit>(ml.Data.TakeRows(digits, 10), reuseRowObject: false)];
    int[] values = [.. loaded.GetOutputSchema(digits.Schema)["Label"].GetKeyValues<int>().DenseValues()];
    Console.WriteLine($"  digits      {string.Join(' ', rows.Select(r => r.Value))}");
    Console.WriteLine($"  predicted   {string.Join(' ', rows.Select(r => values[engine.Predict(r).PredictedLabel - 1]))}");
    Console.WriteLine($"  model       {ml.LatentVariables().FindModel(loaded).Family}, found in the loaded chain");
}

string[] SecondArguments(string path) =>
    Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? [typeof(Digit).Assembly.Location, "predict", path]
        : ["predict", path];

internal sealed class Digit
{
    [VectorType(64)]
    public float[] Pixels { get; set; } = [];

    [ColumnName("Digit")]
    public int Value { get; set; }
}

internal sealed class Prediction
{
    public uint PredictedLabel { get; set; }
}

internal static class KeyValuesExtensions
{
    public static VBuffer<T> GetKeyValues<T>(this DataViewSchema.Column column)
    {
        VBuffer<T> values = default;
        column.GetKeyValues(ref values);
        return values;
    }
}
