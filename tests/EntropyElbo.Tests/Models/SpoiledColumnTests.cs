using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Models;

/// <summary>Rows in which one value was spoiled: the column whose term fell furthest below its usual one is that value's.</summary>
[TestClass]
public sealed class SpoiledColumnTests
{
    private const int Columns = 8;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("ppca")]
    [DataRow("linear-vae")]
    [DataRow("factor-analysis")]
    [DataRow("vae-1")]
    [DataRow("vae-d")]
    [DataRow("vae-3")]
    [DataRow("sparse-vae")]
    [DataRow("mixture:gaussian-full")]
    [DataRow("mixture:gaussian-tied")]
    [DataRow("mixture:gaussian-diagonal")]
    public void TheSpoiledColumn_IsFound(string family)
    {
        InMemoryRows good = Sensors(900, 1);
        FitSettings settings = family is "vae-1" or "vae-d" or "vae-3" or "sparse-vae"
            ? new() { Latents = 2, ["hidden"] = new[] { 16 }, ["epochs"] = 60, ["learning-rate"] = 5e-3 }
            : family.StartsWith("mixture", StringComparison.Ordinal) ? new() { Components = 3, ["restarts"] = 1, ["epochs"] = 20 } : new() { Latents = 2 };
        LatentModel model = ModelFamilies.Find(family).CreateTrainer(settings).Fit(good).Model;
        double[] usual = Usual(model, good.ReadAll().Values);
        double[] rows = Sensors(200, 2).ReadAll().Values;
        int found = 0;
        double[] terms = new double[Columns];
        for (int row = 0; row < 200; row++)
        {
            Span<double> own = rows.AsSpan(row * Columns, Columns);
            int spoiled = row % Columns;
            own[spoiled] += row % 2 == 0 ? 4 : -4;
            model.RowTerms(own, terms, [], []);
            int worst = 0;
            for (int d = 0; d < Columns; d++)
            {
                worst = terms[d] - usual[d] < terms[worst] - usual[worst] ? d : worst;
            }

            found += worst == spoiled ? 1 : 0;
        }

        TestContext.WriteLine($"{family}: {found} of 200");

        // By chance it would be 25.
        Assert.IsGreaterThanOrEqualTo(150, found, $"{family}: {found} of 200");
    }

    private static double[] Usual(LatentModel model, double[] values)
    {
        double[] terms = new double[values.Length], usual = new double[Columns];
        model.RowTerms(values, terms, [], []);
        for (int i = 0; i < terms.Length; i++)
        {
            usual[i % Columns] += terms[i] / (values.Length / Columns);
        }

        return usual;
    }

    /// <summary>Sensors that follow two common causes, each with noise of its own size.</summary>
    private static InMemoryRows Sensors(int rows, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 12);
        double[] values = new double[rows * Columns];
        for (int row = 0; row < rows; row++)
        {
            double a = random.NextGaussian(), b = random.NextGaussian();
            for (int d = 0; d < Columns; d++)
            {
                values[(row * Columns) + d] = (a * Math.Cos(d)) + (b * Math.Sin(d)) + ((0.2 + (0.05 * d)) * random.NextGaussian());
            }
        }

        return new InMemoryRows(values, Columns);
    }
}
