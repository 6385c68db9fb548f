using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.LoadCheck;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Views that encode in blocks, and read ahead for it: the rows beside a row, and its other columns, come as they were.</summary>
[TestClass]
public sealed class BlockTests
{
    /// <summary>More rows than a block has, some of them missing.</summary>
    private const int Count = 700;

    [TestMethod]
    public void Rows_HaveTheBitsOfRowsAlone_FittedLoadedAndByPredictionEngine()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Named[] rows = Sample();
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        LatentTransformer fitted = Vae(ml).Fit(view);
        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        string[] expected = [.. Bits.Of(loaded.Transform(view), view.Schema)];
        CollectionAssert.AreEqual(expected, Bits.Of(fitted.Transform(view), view.Schema).ToArray());
        CollectionAssert.AreEqual(expected, Bits.Of(ml.LatentVariables().Transform(loaded, view), view.Schema).ToArray());
        CollectionAssert.AreEqual(expected, Bits.Of(ml.LatentVariables().Transform(fitted, view), view.Schema).ToArray());

        Scored[] scored = Read<Scored>(ml, fitted.Transform(view));
        using PredictionEngine<Named, Scored> engine = ml.Model.CreatePredictionEngine<Named, Scored>(fitted, ignoreMissingColumns: true);
        for (int i = 0; i < Count; i += 83)
        {
            Assert.AreEqual(scored[i].Strange, engine.Predict(rows[i]).Strange);
        }
    }

    [TestMethod]
    public void ColumnsBeside_KeepTheirRows()
    {
        MLContext ml = new(1);
        Named[] rows = Sample();
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        IDataView scored = Vae(ml).Fit(view).Transform(ml.Data.Cache(view));
        Scored[] read = Read<Scored>(ml, scored);
        Assert.HasCount(Count, read);
        for (int i = 0; i < Count; i++)
        {
            Assert.AreEqual(rows[i].Name, read[i].Name);
            Assert.AreEqual(rows[i].Number, read[i].Number);
            CollectionAssert.AreEqual(rows[i].Words, read[i].Words);
            CollectionAssert.AreEqual(rows[i].Features, read[i].Features);
            Assert.AreEqual(float.IsNaN(rows[i].Features[1]), float.IsNaN(read[i].Strange));
        }

        // Shuffled, the rows stay together.
        Scored[] shuffled = Read<Scored>(ml, ml.Data.ShuffleRows(scored, seed: 3));
        CollectionAssert.AreNotEqual(rows.Select(r => r.Number).ToArray(), shuffled.Select(r => r.Number).ToArray());
        foreach (Scored row in shuffled)
        {
            Assert.AreEqual(read[row.Number].Strange, row.Strange);
        }
    }

    [TestMethod]
    public void Cursors_SetsOfThem_AndWhatIsNotAskedFor()
    {
        MLContext ml = new(1);
        IDataView view = ml.Data.Cache(ml.Data.LoadFromEnumerable(Sample()));
        IDataView scored = Vae(ml).Fit(view).Transform(view);
        DataViewSchema.Column number = scored.Schema["Number"], strange = scored.Schema["Strange"];
        int[] seen = new int[Count];
        float[] scores = [.. scored.GetColumn<float>("Strange")];
        foreach (DataViewRowCursor cursor in scored.GetRowCursorSet([number, strange], 3))
        {
            using (cursor)
            {
                ValueGetter<int> numbers = cursor.GetGetter<int>(number);
                ValueGetter<float> values = cursor.GetGetter<float>(strange);
                Assert.IsFalse(cursor.IsColumnActive(scored.Schema["Name"]));
                while (cursor.MoveNext())
                {
                    int row = 0;
                    float value = 0;
                    numbers(ref row);
                    values(ref value);
                    Assert.AreEqual(scores[row], value);
                    seen[row]++;
                }

                Assert.IsFalse(cursor.MoveNext(), "the end stays the end");
            }
        }

        Assert.IsTrue(seen.All(times => times == 1));
        using DataViewRowCursor only = scored.GetRowCursor([number]);
        Assert.IsTrue(only.MoveNext());
        Assert.Throws<Exception>(() => only.GetGetter<float>(strange));
    }

    /// <summary>Reading ahead grows with what was read: the first row of a slow source does not wait for a block.</summary>
    [TestMethod]
    public void ReadingAhead_IsNoFurtherThanWhatWasRead()
    {
        MLContext ml = new(1);
        Named[] rows = Sample();
        LatentTransformer fitted = Vae(ml).Fit(ml.Data.LoadFromEnumerable(rows));
        int produced = 0;
        IEnumerable<Named> Slow()
        {
            foreach (Named row in rows)
            {
                produced++;
                yield return row;
            }
        }

        int consumed = 0;
        foreach (float _ in fitted.Transform(ml.Data.LoadFromEnumerable(Slow())).GetColumn<float>("Strange"))
        {
            consumed++;
            Assert.IsLessThanOrEqualTo(2 * consumed, produced);
        }

        Assert.AreEqual(Count, consumed);
    }

    private static GaussianVaeEstimator Vae(MLContext ml) => ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
    {
        Latents = 2,
        Hidden = [8],
        Epochs = 2,
        Seed = 1,
        ReconstructionColumnName = "Back",
        AnomalyScoreColumnName = "Strange",
    });

    private static Named[] Sample() => [.. Rows.Continuous(Count).Select((row, i) => new Named
    {
        Features = i % 97 == 5 ? [1, float.NaN, .. row.Features[2..]] : row.Features,
        Name = $"row {i}",
        Number = i,
        Words = [.. Enumerable.Range(0, i % 4).Select(w => $"{i}-{w}")],
    })];

    private static T[] Read<T>(MLContext ml, IDataView view)
        where T : class, new() => [.. ml.Data.CreateEnumerable<T>(view, reuseRowObject: false, ignoreMissingColumns: true)];

    private class Named
    {
        [VectorType(Rows.Columns)]
        public float[] Features { get; set; } = [];

        public string Name { get; set; } = "";

        public int Number { get; set; }

        public string[] Words { get; set; } = [];
    }

    private sealed class Scored : Named
    {
        public float Strange { get; set; }
    }
}
