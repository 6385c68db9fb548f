using EntropyElbo.Criterion;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Tests.Families;
using EntropyElbo.Tests.Families.Mixture;
using EntropyElbo.Tests.Families.SigmoidBeliefNet;
using EntropyElbo.Tests.Families.Vae;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Criterion;

/// <summary>The criterion asked about models of the library: every line of the table in docs/parameterization-criterion.md.</summary>
[TestClass]
public sealed class ModelCriterionTests
{
    [TestMethod]
    [DataRow(VaeVariant.FixedVariance, false)]
    [DataRow(VaeVariant.LearnedVariance, true)]
    [DataRow(VaeVariant.LearnedPrior, true)]
    [DataRow(VaeVariant.VariancePerColumn, true)]
    [DataRow(VaeVariant.SparsePrior, true)]
    public void GaussianColumns_HoldByPseudoEntropies_AndByEntropiesWhereTheVarianceIsLearned(VaeVariant variant, bool byEntropies)
    {
        foreach (ImageNetworks? images in new[] { null, new ImageNetworks { Shape = new ImageShape(3, 2, 2), Filters = [8, 6] } })
        {
            ModelCriterion answer = ParameterizationCriterion.Of(VaeContract.RandomModel(variant, images?.Shape.Columns ?? 6, 3, 2, images: images));
            Assert.AreEqual(byEntropies, answer.Entropies!.Holds, answer.ToString());
            Assert.IsTrue(answer.PseudoEntropies!.Holds, answer.ToString());
            Assert.IsTrue(answer.Holds);
            Assert.AreEqual(variant is VaeVariant.LearnedPrior or VaeVariant.SparsePrior, answer.Entropies.Symmetry is null);
            StringAssert.Contains(answer.ToString(), "sum of pseudo entropies");
        }
    }

    /// <summary>An exponential output holds by its biases; a softplus one does not, outside its linear regime (D App. D.1).</summary>
    [TestMethod]
    [DataRow(VarianceOutput.Exponential, true)]
    [DataRow(VarianceOutput.Softplus, false)]
    public void VarianceNetworks_HoldWithAnExponentialOutput(VarianceOutput output, bool holds)
    {
        LatentModel model = new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Variant = VaeVariant.VarianceNetwork,
            VarianceOutput = output,
            Latents = 2,
            Hidden = [6],
            Training = new MinibatchOptions { Epochs = 20, BatchSize = 50 },
        }).Fit(PcaData.Create(300, 2, columns: 5, latents: 2)).Model;
        ModelCriterion answer = ParameterizationCriterion.Of(model);
        Assert.AreEqual(holds, answer.Entropies!.Holds, answer.ToString());
        Assert.IsTrue(answer.Entropies.Symmetry!.Holds);
        Assert.IsNull(answer.PseudoEntropies);
    }

    [TestMethod]
    [DataRow("bernoulli", true)]
    [DataRow("binomial:8", false)]
    [DataRow("poisson", false)]
    public void Counts_HoldByTheirLastLayer(string likelihood, bool constantBaseMeasure)
    {
        ModelCriterion answer = ParameterizationCriterion.Of(
            VaeContract.RandomModel(VaeVariant.LearnedVariance, 5, 3, 4, ObservableLikelihood.Parse(likelihood)));
        Assert.IsTrue(answer.Holds, answer.ToString());
        Assert.AreEqual(constantBaseMeasure, answer.PseudoEntropies is null);
        Assert.AreEqual(constantBaseMeasure, answer.Entropies is not null);
    }

    [TestMethod]
    public void LinearGaussians_HoldBothWays()
    {
        LinearGaussian parameters = LinearGaussian.WithPosterior(
            LinearTestData.Gaussian(1, 5), LinearTestData.Gaussian(2, 10), Array.ConvertAll(LinearTestData.Gaussian(3, 5), Math.Exp));
        foreach (LatentModel model in new LatentModel[]
        {
            LinearTestData.RandomPca(5, 2, 1), LinearTestData.RandomVae(5, 2, 1), new FactorAnalysisModel(parameters, [], LinearTestData.Header(5)),
        })
        {
            ModelCriterion answer = ParameterizationCriterion.Of(model);
            Assert.IsTrue(answer.Entropies!.Holds && answer.PseudoEntropies!.Holds, answer.ToString());
        }
    }

    public static IEnumerable<object[]> MixtureFamilies => MixtureTestData.Families.Select(f => new object[] { f });

    [TestMethod]
    [DynamicData(nameof(MixtureFamilies))]
    public void Mixtures_Hold(string family)
    {
        ModelCriterion answer = ParameterizationCriterion.Of(MixtureTestData.Random(family, 4, 1));
        Assert.IsTrue(answer.Holds, answer.ToString());
        bool counts = family.Contains("binomial", StringComparison.Ordinal) || family.Contains("poisson", StringComparison.Ordinal);
        Assert.AreEqual(counts, answer.Entropies is null);
    }

    [TestMethod]
    public void BeliefNets_HoldLayerByLayer()
    {
        ModelCriterion answer = ParameterizationCriterion.Of(BeliefTestData.Random(6, [4, 3, 2], 1));
        Assert.IsTrue(answer.Holds, answer.ToString());
        Assert.HasCount(2, answer.Entropies!.Layers);
    }
}
