using MLNet.EntropyElbo;

// Anomalies among handwritten digits: a model of the digits 1 to 9 has never seen a 0 (or noise). The ELBO of a row says
// how much it looks like what the model knows; minus the ELBO is an anomaly score.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
MLContext ml = new(seed: 1);
IDataView digits = ml.Data.LoadFromTextFile(
    Path.Combine(AppContext.BaseDirectory, "digits.csv"),
    [new TextLoader.Column("Pixels", DataKind.Single, 0, 63), new TextLoader.Column("Digit", DataKind.Single, 64)],
    separatorChar: ',',
    hasHeader: true);

DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(digits, testFraction: 0.3);
IDataView known = ml.Data.FilterRowsByColumn(split.TrainSet, "Digit", lowerBound: 1);

LatentTransformer detector = ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
{
    InputColumnName = "Pixels",
    Latents = 10,
    Epochs = 150,
    AnomalyScoreColumnName = "Score",
    ReconstructionColumnName = "Reconstruction",
}).Fit(known);

IDataView scored = detector.Transform(split.TestSet);
(float Digit, float Score)[] rows = [.. scored.GetColumn<float>("Digit").Zip(scored.GetColumn<float>("Score"))];
Console.WriteLine($"trained on {detector.Model.Training.Rows} images of the digits 1 to 9, ELBO {detector.Metrics.Elbo:F2} nats per row");
Console.WriteLine("median anomaly score of test images, nats:");
foreach (IGrouping<float, (float Digit, float Score)> group in rows.GroupBy(r => r.Digit).OrderBy(g => g.Key))
{
    float[] sorted = [.. group.Select(r => r.Score).Order()];
    string note = group.Key == 0 ? "   <- never seen" : "";
    Console.WriteLine($"  {group.Key}  {sorted[sorted.Length / 2],8:F2}{note}");
}

float[] zeros = [.. rows.Where(r => r.Digit == 0).Select(r => r.Score)];
float[] others = [.. rows.Where(r => r.Digit != 0).Select(r => r.Score)];
Console.WriteLine($"area under the ROC curve, zeros against the rest: {Auc(zeros, others):F3}");

Random random = new(1);
Image[] noise = [.. Enumerable.Range(0, 200).Select(_ => new Image { Pixels = [.. Enumerable.Range(0, 64).Select(_ => (float)random.Next(17))] })];
float[] strange = [.. detector.Transform(ml.Data.LoadFromEnumerable(noise)).GetColumn<float>("Score")];
Console.WriteLine($"area under the ROC curve, noise against the rest: {Auc(strange, others):F3}");

// A threshold that one training image in a hundred exceeds; images that training did not see exceed it more often.
float threshold = detector.Transform(known).GetColumn<float>("Score").Order().ElementAt((int)(0.99 * detector.Model.Training.Rows));
Console.WriteLine($"above the 99 % threshold of {threshold:F2}: {Share(others):F1} % of known digits, {Share(zeros):F1} % of zeros, {Share(strange):F1} % of noise");

double Share(float[] scores) => 100.0 * scores.Count(s => s > threshold) / scores.Length;

// The share of pairs in which the anomaly has the higher score.
static double Auc(float[] anomalies, float[] normal) =>
    anomalies.Sum(a => normal.Sum(n => a > n ? 1.0 : a == n ? 0.5 : 0)) / ((double)anomalies.Length * normal.Length);

internal sealed class Image
{
    [VectorType(64)]
    public float[] Pixels { get; set; } = [];
}
