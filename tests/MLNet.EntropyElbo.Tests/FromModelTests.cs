using EntropyElbo;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary><see cref="LatentOptions.From"/>: every estimator goes on from a trained model.</summary>
[TestClass]
public sealed class FromModelTests
{
    public static IEnumerable<object[]> Families => ModelFamilies.All.Select(f => f.Name).Where(n => n != "ppca").Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EveryEstimator_TakesAModel(string family)
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(100));
        LatentTransformer first;
        try
        {
            first = Estimator(ml, family, 4, null).Fit(rows);
        }
        catch (BadDataException) // A family of zeros and ones, or of counts.
        {
            rows = Rows.View(ml, Rows.Binary(100));
            first = Estimator(ml, family, 4, null).Fit(rows);
        }

        LatentTransformer second = Estimator(ml, family, 1, first.Model).Fit(rows);
        double lost = first.Metrics.Elbo - second.Metrics.Elbo;
        Assert.IsLessThan(0.5, lost, $"{family} loses {lost}");
        CollectionAssert.AreEqual(first.Model.Scaling.Factor.ToArray(), second.Model.Scaling.Factor.ToArray());
        LatentModelEstimator named = Named(ml, family, first.Model);
        CollectionAssert.AreEqual(
            new[] { $"From={family} from" },
            named.Settings.Where(s => s.Key == "From").Select(s => $"{s.Key}={s.Value[..^17]}").ToArray(), "reports say it, and studies tell it apart");
    }

    [TestMethod]
    public void AModelThatDoesNotFit_IsRefusedWhenTheEstimatorIsMade()
    {
        MLContext ml = new(1);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        LatentModel model = catalog.FactorAnalysis(new FactorAnalysisEstimator.Options { Latents = 2 }).Fit(Rows.View(ml, Rows.Continuous(60))).Model;
        Assert.AreEqual("from", Refused(() => catalog.LinearVae(new LinearVaeEstimator.Options { Latents = 2, From = model })).Option);
        Assert.AreEqual("from", Refused(() => catalog.ProbabilisticPca(new ProbabilisticPcaEstimator.Options { Latents = 2, From = model })).Option);
        Assert.AreEqual("latents", Refused(() => catalog.FactorAnalysis(new FactorAnalysisEstimator.Options { Latents = 3, From = model })).Option);
        Assert.AreEqual(
            "scale", Refused(() => catalog.FactorAnalysis(new FactorAnalysisEstimator.Options { Latents = 2, Scaling = ScalingKind.None, From = model })).Option);

        static BadOptionException Refused(Func<LatentEstimator> make) => Assert.ThrowsExactly<BadOptionException>(make);
    }

    private static LatentEstimator Estimator(MLContext ml, string family, int epochs, LatentModel? from)
    {
        (string, object)[] limits = family switch
        {
            _ when family.StartsWith("mixture:", StringComparison.Ordinal) => [("Iterations", epochs), ("Restarts", 1)],
            _ when family.Contains("vae", StringComparison.Ordinal) && family != "linear-vae" => [("Epochs", 20 * epochs), ("Hidden", new[] { 8 })],
            _ => [("Iterations", epochs)],
        };
        return CounterpartTests.Estimator(family, [.. limits, ("TestData", null!), .. from is null ? [] : ((string, object)[])[("From", from)]], ml);
    }

    private static LatentModelEstimator Named(MLContext ml, string family, LatentModel from) => ml.LatentVariables().Model(new LatentModelEstimator.Options
    {
        Family = family,
        Latents = 2,
        Seed = 1,
        Settings = global::EntropyElbo.Catalog.ModelFamilies.Find(family).Settings.Any(s => s.Name == "hidden") && family.Contains("vae", StringComparison.Ordinal)
            ? new() { Hidden = [8] }
            : new(),
        From = from,
    });
}
