using EntropyElbo.Reports;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Kinds of input columns, and how an IDataView is read.</summary>
[TestClass]
public sealed class InputTests
{
    [TestMethod]
    public void DoublesIntegersAndSparseVectors_GiveTheModelOfTheSameNumbersAsSingle()
    {
        MLContext ml = new(1);
        Random random = new(3);
        Kinds[] rows = [.. Enumerable.Range(0, 120).Select(_ => new Kinds(random))];
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        LatentTransformer expected = Ppca(ml, nameof(Kinds.Singles)).Fit(view);
        Encoded[] codes = Read(ml, expected.Transform(view));
        foreach (string column in new[] { nameof(Kinds.Doubles), nameof(Kinds.Integers), nameof(Kinds.Bytes), nameof(Kinds.Sparse) })
        {
            LatentTransformer transformer = Ppca(ml, column).Fit(view);
            Assert.AreEqual(expected.Report.Summary, transformer.Report.Summary, column);
            Encoded[] encoded = Read(ml, transformer.Transform(view));
            for (int i = 0; i < rows.Length; i++)
            {
                CollectionAssert.AreEqual(codes[i].Latent, encoded[i].Latent, column);
            }
        }
    }

    [TestMethod]
    public void SlotNames_BecomeTheModelsColumnNames()
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(60));
        IEstimator<ITransformer> pipeline = ml.Transforms.Concatenate("Both", "Target", "Features");
        IDataView scalars = ml.Transforms.Concatenate("Three", "Target", "Second", "Third").Fit(
            ml.Transforms.CopyColumns("Second", "Target").Append(ml.Transforms.CopyColumns("Third", "Target")).Fit(rows).Transform(rows))
            .Transform(ml.Transforms.CopyColumns("Second", "Target").Append(ml.Transforms.CopyColumns("Third", "Target")).Fit(rows).Transform(rows));
        CollectionAssert.AreEqual(new[] { "Target", "Second", "Third" }, Ppca(ml, "Three").Fit(scalars).Model.ColumnNames.ToArray());
        IDataView both = pipeline.Fit(rows).Transform(rows);
        Assert.AreEqual("Both1", Ppca(ml, "Both").Fit(both).Model.ColumnNames[1], "names with holes are numbered");
    }

    [TestMethod]
    public void EveryCursorIsDisposed_CachedAndStreamed()
    {
        MLContext ml = new(1);
        foreach (DataCaching caching in Enum.GetValues<DataCaching>())
        {
            CountingView view = new(Rows.View(ml, Rows.Continuous(100)));
            LatentTransformer transformer = ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
            {
                Latents = 2,
                Hidden = [4],
                Epochs = 3,
                Caching = caching,
                Threads = 1,
            }).Fit(view);
            Assert.AreEqual(view.Opened, view.Disposed);
            Assert.AreEqual(caching == DataCaching.Stream, view.Opened > 1, $"{caching}: {view.Opened} passes");
            Assert.AreEqual(100, transformer.Model.Training.Rows);
        }
    }

    [TestMethod]
    public void UnknownLengthAndTextSources_AreRead()
    {
        MLContext ml = new(1);
        using TempFolder folder = new();
        Row[] rows = Rows.Continuous(150);
        File.WriteAllLines(folder["r.csv"], rows.Select(r => string.Join(',', r.Features.Select(f => FormattableString.Invariant($"{f:R}")))));
        TextLoader loader = ml.Data.CreateTextLoader([new TextLoader.Column("Features", DataKind.Single, 0, Rows.Columns - 1)], separatorChar: ',');
        IDataView view = loader.Load(folder["r.csv"]);
        Assert.IsNull(view.GetRowCount());
        ElboReport expected = Ppca(ml, "Features").Fit(Rows.View(ml, rows)).Report.Summary;
        Assert.AreEqual(expected, Ppca(ml, "Features").Fit(view).Report.Summary);
        Assert.AreEqual(expected, Ppca(ml, "Features", DataCaching.Stream).Fit(view).Report.Summary);
        IDataView filtered = ml.Data.FilterRowsByColumn(Rows.View(ml, rows), "Target", lowerBound: 0.5);
        int kept = rows.Count(r => r.Target >= 0.5);
        Assert.AreEqual(kept, Ppca(ml, "Features").Fit(filtered).Model.Training.Rows);
    }

    private static ProbabilisticPcaEstimator Ppca(MLContext ml, string column, DataCaching caching = DataCaching.Auto) =>
        ml.LatentVariables().ProbabilisticPca(new ProbabilisticPcaEstimator.Options
        {
            InputColumnName = column,
            Latents = 2,
            Threads = 1,
            Caching = caching,
        });

    private static Encoded[] Read(MLContext ml, IDataView view) =>
        [.. ml.Data.CreateEnumerable<Encoded>(view, reuseRowObject: false, ignoreMissingColumns: true)];

    /// <summary>The same whole numbers as columns of different kinds.</summary>
    private sealed class Kinds
    {
        public Kinds(Random random)
        {
            byte[] values = [.. Enumerable.Range(0, 5).Select(d => (byte)(random.Next(4) * (d + 1) * random.Next(2)))];
            Bytes = values;
            Integers = [.. values.Select(v => (int)v)];
            Singles = [.. values.Select(v => (float)v)];
            Doubles = [.. values.Select(v => (double)v)];
            int[] used = [.. Enumerable.Range(0, 5).Where(d => values[d] != 0)];
            Sparse = new VBuffer<float>(5, used.Length, [.. used.Select(d => (float)values[d])], used);
        }

        public Kinds()
        {
        }

        [VectorType(5)]
        public byte[] Bytes { get; set; } = [];

        [VectorType(5)]
        public int[] Integers { get; set; } = [];

        [VectorType(5)]
        public float[] Singles { get; set; } = [];

        [VectorType(5)]
        public double[] Doubles { get; set; } = [];

        [VectorType(5)]
        public VBuffer<float> Sparse { get; set; }
    }
}
