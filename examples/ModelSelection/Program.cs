using EntropyElbo.Selection;
using MLNet.EntropyElbo;

// Which family, and how many latents? Candidates of several families are compared on rows that they were not trained on,
// on one scale: nats per row.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
MLContext ml = new(seed: 1);
IDataView digits = ml.Data.LoadFromTextFile(
    Path.Combine(AppContext.BaseDirectory, "digits.csv"),
    [new TextLoader.Column("Pixels", DataKind.Single, 0, 63)],
    separatorChar: ',',
    hasHeader: true);

LatentVariablesCatalog catalog = ml.LatentVariables();
GaussianVaeEstimator.Options basis = new() { InputColumnName = "Pixels", Epochs = 60 };
List<LatentEstimator> candidates =
[
    catalog.ProbabilisticPca("Latent", "Pixels", latents: 4),
    catalog.ProbabilisticPca("Latent", "Pixels", latents: 16),
    catalog.ProbabilisticPca("Latent", "Pixels", latents: 32),
    catalog.ProbabilisticPca("Latent", "Pixels", latents: 64), // As many as columns: fails, and says why.
    .. LatentVariablesCatalog.RandomCandidates(catalog.GaussianVae, count: 4, basis, seed: 3),
];

LatentSelection selection = catalog.Select(digits, candidates, new SelectionOptions
{
    Criterion = SelectionCriterion.HeldOut,
    HeldOutShare = 0.25,
    TimeBudget = TimeSpan.FromMinutes(2),
    Progress = new Lines(),
});

Console.WriteLine();
Console.WriteLine("rank  held-out ELBO         ELBO        gap  collapsed  seconds  model");
foreach (SelectionTrial trial in selection.Trials)
{
    Console.WriteLine(trial.Failure is { } failure
        ? $"   -  failed: {trial.Candidate}: {failure}"
        : $"{trial.Rank,4}  {trial.HeldOut!.Elbo,8:F2} +/- {trial.HeldOut.StandardError:F2}  {trial.Report!.Summary.Elbo,8:F2}  {100 * trial.Report.Summary.RelativeGap,8:F3} %  {trial.Report.Collapsed.Entropy,9}  {trial.Elapsed.TotalSeconds,7:F1}  {trial.Candidate}");
}

LatentTransformer best = selection.Model!;
Console.WriteLine();
Console.WriteLine($"best: {selection.Best!.Candidate}, fitted again to all {best.Model.Training.Rows} rows, ELBO {best.Metrics.Elbo:F2}");
float[] first = best.Transform(digits).GetColumn<float[]>("Latent").First();
Console.WriteLine($"first digit in latents: {string.Join(' ', first.Take(6).Select(z => z.ToString("F2", CultureInfo.InvariantCulture)))} ...");

internal sealed class Lines : IProgress<SelectionProgress>
{
    public void Report(SelectionProgress value) => Console.WriteLine($"trial {value.Done} of {value.Trials}: {value.Latest.Candidate}");
}
