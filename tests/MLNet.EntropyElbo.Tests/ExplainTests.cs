using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.LoadCheck;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Columns that say what an anomaly score is made of.</summary>
[TestClass]
public sealed class ExplainTests
{
    /// <summary>A value was spoiled in every row: its column is the one whose part of the score rose most above its mean, in memory and in a loaded zip.</summary>
    [TestMethod]
    public void TheSpoiledColumn_IsFound_InMemoryAndLoaded()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Row[] good = Rows.Continuous(600), spoiled = Rows.Continuous(120, seed: 5);
        float[] spread = [.. Enumerable.Range(0, Rows.Columns).Select(d => good.Max(r => r.Features[d]) - good.Min(r => r.Features[d]))];
        for (int i = 0; i < spoiled.Length; i++)
        {
            spoiled[i].Features[i % Rows.Columns] += spread[i % Rows.Columns];
        }

        IDataView view = Rows.View(ml, good), others = Rows.View(ml, spoiled);
        LatentTransformer fitted = ml.LatentVariables().FactorAnalysis(new FactorAnalysisEstimator.Options
        {
            Latents = 2,
            ColumnScoresColumnName = "Parts",
            AnomalyScoreColumnName = "Score",
        }).Fit(view);
        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        float[] usual = new float[Rows.Columns];
        foreach (float[] parts in fitted.Transform(view).GetColumn<float[]>("Parts"))
        {
            for (int d = 0; d < usual.Length; d++)
            {
                usual[d] += parts[d] / good.Length;
            }
        }

        foreach (IDataView scored in (IDataView[])[fitted.Transform(others), loaded.Transform(others), ml.LatentVariables().Transform(loaded, others)])
        {
            int found = scored.GetColumn<float[]>("Parts").Select((parts, i) =>
            {
                float[] excess = [.. parts.Select((p, d) => p - usual[d])];
                return Array.IndexOf(excess, excess.Max()) == i % Rows.Columns ? 1 : 0;
            }).Sum();
            Assert.IsGreaterThanOrEqualTo(100, found);
        }

        CollectionAssert.AreEqual(Bits.Of(fitted.Transform(others), view.Schema).ToArray(), Bits.Of(loaded.Transform(others), view.Schema).ToArray());
        CollectionAssert.AreEqual(
            Bits.Of(fitted.Transform(others), view.Schema).ToArray(), Bits.Of(ml.LatentVariables().Transform(loaded, others), view.Schema).ToArray());
        CollectionAssert.AreEqual(
            new[] { "Latent", "LatentVariance", "Parts", "Score" }, loaded.Transform(others).Schema.Where(c => !c.IsHidden && view.Schema.GetColumnOrNull(c.Name) is null).Select(c => c.Name).Order().ToArray());
    }

    /// <summary>A zip has no place for slot names; run in blocks it has those of the transformer that was saved.</summary>
    [TestMethod]
    public void ALoadedZip_InBlocks_HasTheSlotNames_AlsoBehindAndBeforeOtherSteps()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView view = Rows.View(ml, Rows.Continuous(60));
        var chain = ml.Transforms.CopyColumns("Copied", "Features")
            .Append(ml.LatentVariables().FactorAnalysis(new FactorAnalysisEstimator.Options
            {
                InputColumnName = "Copied",
                OutputColumnName = "Code",
                Latents = 2,
                ColumnScoresColumnName = "Parts",
                ReconstructionColumnName = "Back",
                KlColumnName = "Divergence",
            }))
            .Append(ml.Transforms.NormalizeMinMax("Normal", "Parts")).Fit(view);
        ml.Model.Save(chain, view.Schema, folder["m.zip"]);
        IDataView expected = chain.Transform(view), loaded = ml.LatentVariables().Transform(ml.Model.Load(folder["m.zip"], out _), view);
        foreach (string column in new[] { "Code", "CodeVariance", "Parts", "Back", "Divergence", "Normal" })
        {
            CollectionAssert.AreEqual(Names(expected, column), Names(loaded, column), column);
        }

        CollectionAssert.AreEqual(new[] { "Code0", "Code1" }, Names(loaded, "Code"));
        CollectionAssert.AreEqual(Bits.Of(expected, view.Schema).ToArray(), Bits.Of(loaded, view.Schema).ToArray());
        Assert.AreEqual(1, loaded.GetRowCursorSet(loaded.Schema, 1).Length);

        static string[] Names(IDataView view, string column)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            view.Schema[column].GetSlotNames(ref names);
            return [.. names.DenseValues().Select(n => n.ToString())];
        }
    }

    /// <summary>Off by default; rows that are missing or refused have missing parts.</summary>
    [TestMethod]
    public void MissingAndRefusedRows_HaveMissingParts()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Row[] rows = [.. Rows.Binary(80)];
        IDataView view = Rows.View(ml, rows);
        LatentTransformer fitted = ml.LatentVariables().SigmoidBeliefNet(new SigmoidBeliefNetEstimator.Options
        {
            Latents = 2,
            DeeperLayers = [1],
            Iterations = 5,
            KlColumnName = "Kl",
            ColumnScoresColumnName = "Parts",
        }).Fit(view);
        Assert.AreEqual(2, fitted.Model.LatentTerms);
        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        Row missing = new() { Features = [float.NaN, .. rows[0].Features[1..]] }, outside = new() { Features = [3, .. rows[0].Features[1..]] };
        IDataView odd = Rows.View(ml, [rows[0], missing, outside, rows[1]]);
        foreach (ITransformer transformer in (ITransformer[])[fitted, ml.Model.Load(folder["m.zip"], out _)])
        {
            IDataView scored = transformer.Transform(odd);
            float[][] parts = [.. scored.GetColumn<float[]>("Parts")], kl = [.. scored.GetColumn<float[]>("Kl")];
            for (int row = 0; row < 4; row++)
            {
                Assert.AreEqual(row is 0 or 3 ? 0 : Rows.Columns, parts[row].Count(float.IsNaN), $"row {row}");
                Assert.AreEqual(row is 0 or 3 ? 0 : 2, kl[row].Count(float.IsNaN), $"row {row}");
            }
        }

        LatentTransformer plain = ml.LatentVariables().ProbabilisticPca("Latent", "Features", 2).Fit(view);
        Assert.IsFalse(plain.Transform(view).Schema.Any(c => c.Name is "Parts" or "Kl" or "ColumnScores"));
    }
}
