using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.SigmoidBeliefNet;

/// <summary>What columns and layers have of a belief net's ELBO, against sums over all states written out.</summary>
[TestClass]
public sealed class BeliefTermsTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Terms_AreSumsOverAllStates(bool exact)
    {
        // Truncated posteriors over all 32 states are exact ones, found by the other inference.
        SigmoidBeliefNetModel model = BeliefTestData.Random(6, [3, 2], 4, exact, 32);
        double[] row = BeliefTestData.Rows(1, 6, 2).ReadAll().Values;
        double[] columns = new double[6], kl = new double[model.LatentTerms], entropies = new double[2];
        Assert.AreEqual(2, model.LatentTerms);
        model.RowTerms(row, columns, kl, entropies);
        (double[] q, int[][] states) = Posterior(model, row);
        for (int d = 0; d < 6; d++)
        {
            double sum = 0;
            for (int s = 0; s < q.Length; s++)
            {
                sum += q[s] * LogProbability(model, 0, d, row[d], states[s][..3]);
            }

            Assert.AreEqual(sum, columns[d], 1e-12);
        }

        double[] deep = [.. Enumerable.Range(0, 4).Select(s => q.Where((_, i) => i >> 3 == s).Sum())];
        double deepEntropy = -deep.Sum(SpecialFunctions.XLogX), entropy = -q.Sum(SpecialFunctions.XLogX);
        double nearest = 0, deepest = 0;
        for (int s = 0; s < q.Length; s++)
        {
            for (int h = 0; h < 3; h++)
            {
                nearest -= q[s] * LogProbability(model, 1, h, states[s][h], states[s][3..]);
            }

            for (int h = 0; h < 2; h++)
            {
                deepest -= q[s] * Math.Log(states[s][3 + h] == 1 ? model.Prior[h] : 1 - model.Prior[h]);
            }
        }

        Assert.AreEqual(entropy - deepEntropy, entropies[0], 1e-12);
        Assert.AreEqual(deepEntropy, entropies[1], 1e-12);
        Assert.AreEqual(nearest - (entropy - deepEntropy), kl[0], 1e-12);
        Assert.AreEqual(deepest - deepEntropy, kl[1], 1e-12);
    }

    private static double LogProbability(SigmoidBeliefNetModel model, int layer, int output, double value, int[] inputs)
    {
        double[] weights = model.Weights(layer);
        double logit = model.Bias(layer)[output];
        for (int h = 0; h < inputs.Length; h++)
        {
            logit += weights[(output * inputs.Length) + h] * inputs[h];
        }

        return -Math.Log(1 + Math.Exp(value == 1 ? -logit : logit));
    }

    private static (double[] Shares, int[][] States) Posterior(SigmoidBeliefNetModel model, double[] row)
    {
        int[][] states = [.. Enumerable.Range(0, 32).Select(index => Enumerable.Range(0, 5).Select(h => (index >> h) & 1).ToArray())];
        double[] joints = [.. states.Select(z => Math.Exp(BeliefTestData.LogJoint(model, row, z)))];
        return ([.. joints.Select(j => j / joints.Sum())], states);
    }
}
