using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Tests.Reference;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>The same EM as scikit-learn's GaussianMixture, step by step from the same start (Reference/mixture.py).</summary>
[TestClass]
public sealed class MixtureReferenceTests
{
    [TestMethod]
    [DataRow("digits", "mixture-digits", 6)]
    [DataRow("cancer", "mixture-cancer", 6)]
    [DataRow("iris", "ppca-iris", 4)]
    [DataRow("wine", "ppca-wine", 13)]
    public void LogLikelihoods_AreScikitLearns(string name, string file, int columns)
    {
        CsvRows source = new(Path.Combine(AppContext.BaseDirectory, "Reference", $"{file}.csv"));
        (double[] all, int count) = source.ReadAll();
        double[] values = [.. Enumerable.Range(0, count).SelectMany(i => all.AsSpan(i * source.Columns, columns).ToArray())];
        int compared = 0;
        foreach (string[] cells in ReferenceTable.Read("mixture.csv").Where(c => c[0] == name))
        {
            int[] seeds = [.. ReferenceTable.Numbers(cells[3]).Select(v => (int)v)];
            int iterations = int.Parse(cells[4], CultureInfo.InvariantCulture);
            double expected = double.Parse(cells[5], CultureInfo.InvariantCulture);
            MixtureModel start = Start(cells[1], values, columns, seeds);
            MixtureModel model = MixtureTestData.Mixture(MixtureTestData.Fit(
                new InMemoryRows(values, columns),
                new MixtureOptions
                {
                    Family = start.Ranges[0].Family,
                    Components = seeds.Length,
                    From = start,
                    Iterations = iterations,
                    StationarityTolerance = 0,
                    VarianceFloor = 1e-14,
                }));
            Assert.AreEqual(iterations, model.Training.Epochs);
            double[] likelihoods = new double[count];
            model.LogLikelihood(values, likelihoods);
            Assert.AreEqual(expected, likelihoods.Average(), 1e-7, string.Join(',', cells));
            compared++;
        }

        Assert.IsGreaterThanOrEqualTo(12, compared);
    }

    private static MixtureModel Start(string type, double[] values, int columns, int[] seeds)
    {
        int rows = values.Length / columns;
        double[] mean = [.. Enumerable.Range(0, columns).Select(d => Enumerable.Range(0, rows).Average(n => values[(n * columns) + d]))];
        double Covariance(int a, int b) => Enumerable.Range(0, rows).Average(n => (values[(n * columns) + a] - mean[a]) * (values[(n * columns) + b] - mean[b]));
        double[] matrix = [.. Enumerable.Range(0, columns * columns).Select(i => Covariance(i / columns, i % columns))];
        double[] diagonal = [.. Enumerable.Range(0, columns).Select(d => matrix[d * (columns + 1)])];
        double[][] means = [.. seeds.Select(s => values.AsSpan(s * columns, columns).ToArray())];
        double[] average = LinearTestData.Filled(columns, diagonal.Average());
        (string family, double[] parameters) = type switch
        {
            "full" => ("gaussian-full", means.SelectMany(m => m).Concat(seeds.SelectMany(_ => matrix)).ToArray()),
            "tied" => ("gaussian-tied", means.SelectMany(m => m).Concat(matrix).ToArray()),
            "diag" => ("gaussian-diagonal", means.SelectMany(m => m.Concat(diagonal)).ToArray()),
            _ => ("gaussian-spherical", means.SelectMany(m => m.Concat(average)).ToArray()),
        };
        return MixtureTestData.Model(family, LinearTestData.Filled(seeds.Length, 1.0 / seeds.Length), columns, parameters);
    }
}
