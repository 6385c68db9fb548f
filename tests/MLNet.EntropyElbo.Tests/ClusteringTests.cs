using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>A mixture's distances in ML.NET's own evaluation of clusters, which takes scores for distances.</summary>
[TestClass]
public sealed class ClusteringTests
{
    [TestMethod]
    public void Evaluate_OfTheDistances_IsOfTheMostLikelyComponents()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Point[] points = [.. Blobs()];
        IDataView view = ml.Data.LoadFromEnumerable(points);
        LatentTransformer fitted = ml.LatentVariables().Mixture(new MixtureEstimator.Options
        {
            ComponentFamily = "gaussian-spherical",
            Latents = 3,
            Seed = 1,
            Restarts = 5,
            ScoreColumnName = "Score",
            ComponentColumnName = "Component",
        }).Fit(view);
        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        foreach (IDataView scored in new[] { fitted.Transform(view), loaded.Transform(view), ml.LatentVariables().Transform(loaded, view) })
        {
            uint[] components = [.. scored.GetColumn<uint>("Component")];
            float[][] distances = [.. scored.GetColumn<float[]>("Score")];
            float[][] responsibilities = [.. scored.GetColumn<float[]>("Latent")];
            for (int i = 0; i < points.Length; i++)
            {
                Assert.AreEqual(Array.IndexOf(distances[i], distances[i].Min()) + 1, (int)components[i]);
                for (int k = 0; k < 3; k++)
                {
                    Assert.AreEqual(Math.Min(-Math.Log(responsibilities[i][k]), 37 * Math.Log(10)), distances[i][k], 1e-4);
                    Assert.IsTrue(float.IsFinite(distances[i][k]) && distances[i][k] >= 0);
                }
            }

            ClusteringMetrics metrics = ml.Clustering.Evaluate(scored, "Label", "Score", "Features");
            Assert.AreEqual(MutualInformation([.. points.Select(p => p.Label)], components), metrics.NormalizedMutualInformation, 1e-6);
            Assert.AreEqual(DaviesBouldin(points, components), metrics.DaviesBouldinIndex, 1e-3);
            Assert.AreEqual(distances.Average(d => d.Min()), metrics.AverageDistance, 1e-5);
        }
    }

    [TestMethod]
    public void Distances_OfAMissingRow_AreMissing()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(60);
        LatentTransformer fitted = ml.LatentVariables().Model(new LatentModelEstimator.Options { Family = "mixture:gaussian-spherical", Latents = 2, ScoreColumnName = "Score" })
            .Fit(Rows.View(ml, rows));
        float[][] distances = [.. fitted.Transform(Rows.View(ml, [rows[0], new Row { Features = [.. Enumerable.Repeat(float.NaN, Rows.Columns)] }])).GetColumn<float[]>("Score")];
        Assert.IsTrue(distances[0].All(float.IsFinite) && distances[1].All(float.IsNaN));
    }

    private static IEnumerable<Point> Blobs()
    {
        Random random = new(3);
        for (int i = 0; i < 300; i++)
        {
            int group = i % 3;
            yield return new Point
            {
                Label = (uint)group + 1,
                Features = [(float)((group == 1 ? 2.5 : 0) + Normal(random)), (float)((group == 2 ? 2.5 : 0) + Normal(random))],
            };
        }
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Mutual information over the entropy of the labels, as ML.NET normalises it.</summary>
    private static double MutualInformation(uint[] labels, uint[] clusters)
    {
        double n = labels.Length, mutual = 0, entropy = 0;
        foreach (IGrouping<uint, int> label in Enumerable.Range(0, labels.Length).GroupBy(i => labels[i]))
        {
            entropy -= label.Count() / n * Math.Log(label.Count() / n);
            foreach (IGrouping<uint, int> both in label.GroupBy(i => clusters[i]))
            {
                mutual += both.Count() / n * Math.Log(n * both.Count() / label.Count() / clusters.Count(c => c == both.Key));
            }
        }

        return mutual / entropy;
    }

    /// <summary>Davies and Bouldin 1979: mean over clusters of the worst ratio of scatter to distance between centroids.</summary>
    private static double DaviesBouldin(Point[] points, uint[] clusters)
    {
        var groups = Enumerable.Range(0, points.Length).GroupBy(i => clusters[i]).Select(g =>
        {
            double[] centroid = [g.Average(i => points[i].Features[0]), g.Average(i => points[i].Features[1])];
            return (Centroid: centroid, Scatter: g.Average(i => Distance(centroid, [points[i].Features[0], points[i].Features[1]])));
        }).ToArray();
        return groups.Average(a => groups.Where(b => b != a).Max(b => (a.Scatter + b.Scatter) / Distance(a.Centroid, b.Centroid)));
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(((a[0] - b[0]) * (a[0] - b[0])) + ((a[1] - b[1]) * (a[1] - b[1])));

    private sealed class Point
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
