using EntropyElbo;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.LoadCheck;

namespace MLNet.EntropyElbo.Tests;

/// <summary>What every family's estimator must do. A family gives an estimator and rows that it can take.</summary>
public abstract class EstimatorContract
{
    protected const int Latents = 3;

    /// <summary>The tool's name of the family.</summary>
    protected abstract string Family { get; }

    /// <summary>Whether the family takes the rows of <see cref="Rows.Continuous"/>; else those of <see cref="Rows.Binary"/>.</summary>
    protected virtual bool TakesContinuousRows => true;

    /// <summary>Whether rows may have weights.</summary>
    protected virtual bool TakesWeights => true;

    /// <summary>Length of the codes.</summary>
    protected virtual int CodeLength => Latents;

    /// <summary>A quick estimator with all outputs, one thread and <see cref="Latents"/> latents.</summary>
    protected internal abstract LatentEstimator Create(MLContext ml, Action<LatentOptions>? change = null);

    /// <summary>Sets what all estimators of these tests have.</summary>
    protected static TOptions Prepare<TOptions>(TOptions options, Action<LatentOptions>? change)
        where TOptions : LatentOptions
    {
        options.Latents = Latents;
        options.ReconstructionColumnName = "Reconstruction";
        options.AnomalyScoreColumnName = "Score";
        options.ElboColumnName = "Elbo";
        options.ColumnScoresColumnName = "ColumnScores";
        options.KlColumnName = "Kl";
        options.ElboSamples = 3;
        options.Seed = 1;
        options.Threads = 1;
        change?.Invoke(options);
        return options;
    }

    internal Row[] SampleRows(int count = 200, int seed = 1) =>
        TakesContinuousRows ? Rows.Continuous(count, seed) : Rows.Binary(count, seed);

    private IDataView Sample(MLContext ml, int count = 200, int seed = 1) => Rows.View(ml, SampleRows(count, seed));

    /// <summary>Weights reach the training rows: what they sum to is what the report counts.</summary>
    [TestMethod]
    public void ExampleWeights_CountInTheReport()
    {
        MLContext ml = new(1);
        Row[] rows = SampleRows();
        IDataView data = Rows.View(ml, rows);
        LatentEstimator estimator = Create(ml, o => o.ExampleWeightColumnName = nameof(Row.Target));
        if (!TakesWeights)
        {
            Assert.AreEqual("weight", Assert.ThrowsExactly<BadOptionException>(() => estimator.Fit(data)).Option);
            return;
        }

        LatentTransformer transformer = estimator.Fit(data);
        Assert.AreEqual(rows.Sum(r => (double)r.Target), transformer.Model.Report.Summary.RowWeight!.Value, 1e-9 * rows.Length);
        Assert.AreNotEqual(Create(ml).Fit(data).Model.Report.Summary.Elbo, transformer.Model.Report.Summary.Elbo);
        Assert.IsNull(Create(ml).Fit(data).Model.Report.Summary.RowWeight);
    }

    [TestMethod]
    public void Outputs_AreThoseOfTheModel()
    {
        MLContext ml = new(1);
        Row[] rows = SampleRows();
        LatentTransformer transformer = Create(ml).Fit(Rows.View(ml, rows));
        Assert.AreEqual(Family, transformer.Model.Family);
        FullyEncoded[] encoded = Read<FullyEncoded>(ml, transformer.Transform(Rows.View(ml, rows)));
        Assert.HasCount(rows.Length, encoded);
        double[] mean = new double[CodeLength];
        double[] variance = new double[CodeLength];
        double[] decoded = new double[Rows.Columns];
        double[] elbo = new double[1];
        for (int i = 0; i < rows.Length; i += 17)
        {
            double[] row = [.. rows[i].Features.Select(f => (double)f)];
            transformer.Model.Encode(row, mean, variance);
            transformer.Model.Reconstruct(row, decoded);
            transformer.Model.RowElbo(row, elbo, samples: 3, seed: 1);
            CollectionAssert.AreEqual(Singles(mean), encoded[i].Latent);
            CollectionAssert.AreEqual(Singles(variance), encoded[i].LatentVariance);
            CollectionAssert.AreEqual(Singles(decoded), encoded[i].Reconstruction);
            double inDataUnits = elbo[0] + transformer.Model.Scaling.LogVolume;
            Assert.AreEqual((float)inDataUnits, encoded[i].Elbo);
            Assert.AreEqual((float)-inDataUnits, encoded[i].Score);
            Assert.HasCount(Rows.Columns, encoded[i].ColumnScores);
            Assert.HasCount(transformer.Model.LatentTerms, encoded[i].Kl);
            double parts = encoded[i].ColumnScores.Sum(c => (double)c) + encoded[i].Kl.Sum(k => (double)k);
            Assert.AreEqual(encoded[i].Score, parts, 1e-5 * (1 + encoded[i].ColumnScores.Sum(c => Math.Abs((double)c)) + encoded[i].Kl.Sum()));
        }
    }

    [TestMethod]
    public void Schema_IsOfFixedVectorsWithSlotNames_AndAsForetold()
    {
        MLContext ml = new(1);
        IDataView rows = Sample(ml);
        LatentEstimator estimator = Create(ml);
        LatentTransformer transformer = estimator.Fit(rows);
        DataViewSchema schema = transformer.GetOutputSchema(rows.Schema);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, CodeLength), schema["Latent"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, CodeLength), schema["LatentVariance"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, Rows.Columns), schema["Reconstruction"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, Rows.Columns), schema["ColumnScores"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, transformer.Model.LatentTerms), schema["Kl"].Type);
        Assert.AreEqual(NumberDataViewType.Single, schema["Score"].Type);
        Assert.AreEqual(NumberDataViewType.Single, schema["Elbo"].Type);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Latent"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(Enumerable.Range(0, CodeLength).Select(h => $"Latent{h}").ToArray(), names.DenseValues().Select(n => n.ToString()).ToArray());
        schema["ColumnScores"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(transformer.Model.ColumnNames.ToArray(), names.DenseValues().Select(n => n.ToString()).ToArray());
        Assert.IsFalse(schema.Any(c => c.Name.StartsWith("EntropyElbo.", StringComparison.Ordinal)), "helper columns stay inside");

        SchemaShape shape = estimator.GetOutputSchema(Shape(ml, rows));
        foreach (DataViewSchema.Column column in schema)
        {
            SchemaShape.Column foretold = shape.Single(c => c.Name == column.Name);
            Assert.AreEqual(column.Type is VectorDataViewType, foretold.Kind == SchemaShape.Column.VectorKind.Vector, column.Name);
            Assert.AreEqual(column.Type is KeyDataViewType, foretold.IsKey, column.Name);
            Assert.AreEqual((column.Type as VectorDataViewType)?.ItemType.RawType ?? column.Type.RawType, foretold.ItemType.RawType, column.Name);
        }
    }

    [TestMethod]
    public void Schema_BadInputIsRefusedInMlNetsWords()
    {
        MLContext ml = new(1);
        IDataView rows = Sample(ml);
        Refused("Could not find feature column 'Nowhere'", "Nowhere");
        Refused("Schema mismatch for feature column 'Target': expected Vector<Single>, got Single", "Target");
        Refused("Schema mismatch for feature column 'Varying': expected Vector<Single>, got VarVector<Single>", "Varying");
        Refused("Schema mismatch for feature column 'Words': expected Vector<Single>, got Vector<String", "Words");

        LatentTransformer transformer = Create(ml).Fit(rows);
        IDataView narrow = ml.Data.LoadFromEnumerable([new NarrowRow()]);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.Transform(narrow)).Message,
            $"Schema mismatch for feature column 'Features': expected Vector<Single, {Rows.Columns}>, got Vector<Single, 2>");

        void Refused(string message, string column)
        {
            IDataView odd = ml.Data.LoadFromEnumerable([new OddRow()]);
            LatentEstimator estimator = Create(ml, options => options.InputColumnName = column);
            StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(odd)).Message, message);
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(Shape(ml, odd))).Message, message);
        }
    }

    [TestMethod]
    public void Fit_KeepsNoState_AndIsRepeatable()
    {
        MLContext ml = new(1);
        IDataView rows = Sample(ml);
        LatentEstimator estimator = Create(ml);
        IReadOnlyList<string> first = Bits.Of(estimator.Fit(rows).Transform(rows), rows.Schema);
        estimator.Fit(Sample(ml, seed: 2));
        CollectionAssert.AreEqual(first.ToArray(), Bits.Of(estimator.Fit(rows).Transform(rows), rows.Schema).ToArray());
        MLContext other = new(7);
        IDataView again = Sample(other);
        CollectionAssert.AreEqual(first.ToArray(), Bits.Of(Create(other).Fit(again).Transform(again), again.Schema).ToArray());
    }

    [TestMethod]
    public void Fit_SeedComesFromTheContext()
    {
        ulong Seed(int? context) => Create(new MLContext(context), options => options.Seed = null).Seed;
        Assert.AreEqual(Seed(4), Seed(4));
        Assert.AreNotEqual(Seed(4), Seed(5));
    }

    [TestMethod]
    public void Append_BeforeAndAfter()
    {
        MLContext ml = new(1);
        IDataView rows = Sample(ml);
        EstimatorChain<ClusteringPredictionTransformer<KMeansModelParameters>> pipeline = ml.Transforms.CopyColumns("Copied", "Features")
            .Append(Create(ml, options => options.InputColumnName = "Copied"))
            .Append(ml.Clustering.Trainers.KMeans("Latent", numberOfClusters: 2));
        IDataView scored = pipeline.Fit(rows).Transform(rows);
        Assert.IsTrue(double.IsFinite(ml.Clustering.Evaluate(scored).AverageDistance));
        Assert.IsNotNull(pipeline.GetOutputSchema(Shape(ml, rows)).Single(c => c.Name == "Score"));
    }

    [TestMethod]
    public void SaveAndLoad_SameBits_AndTheTypedModelIsFound()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView rows = Sample(ml);
        TransformerChain<LatentTransformer> chain = ml.Transforms.CopyColumns("Copied", "Features").Append(Create(ml)).Fit(rows);
        ml.Model.Save(chain, rows.Schema, folder["m.zip"]);
        MLContext fresh = new(2);
        ITransformer loaded = fresh.Model.Load(folder["m.zip"], out DataViewSchema schema);
        CollectionAssert.AreEqual(rows.Schema.Select(c => c.Name).ToArray(), schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(
            Bits.Of(chain.Transform(rows), rows.Schema).ToArray(), Bits.Of(loaded.Transform(rows), rows.Schema).ToArray());

        LatentModel model = fresh.LatentVariables().FindModel(loaded);
        Assert.AreEqual(Family, model.Family);
        Assert.AreSame(chain.LastTransformer.Model, ml.LatentVariables().FindModel(chain));
        Assert.AreEqual(chain.LastTransformer.Report.Summary, model.Report.Summary);
        Assert.ThrowsExactly<ArgumentException>(() => ml.LatentVariables().FindModel(chain.First()));
    }

    [TestMethod]
    public void LoadedModel_EightThreads_NoWrongRow()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Row[] rows = SampleRows(500);
        LatentTransformer fitted = Create(ml).Fit(Rows.View(ml, rows));
        ml.Model.Save(fitted, Rows.View(ml, rows).Schema, folder["m.zip"]);
        Encoded[] expected = Read<Encoded>(ml, fitted.Transform(Rows.View(ml, rows)));
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        int wrong = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            MLContext own = new(thread);
            IEnumerable<Row> many = Enumerable.Range(0, 20_000).Select(i => rows[(i + (thread * 61)) % rows.Length]);
            int i = 0;
            foreach (Encoded row in own.Data.CreateEnumerable<Encoded>(loaded.Transform(Rows.View(own, many)), reuseRowObject: true, ignoreMissingColumns: true))
            {
                Encoded right = expected[(i++ + (thread * 61)) % rows.Length];
                if (!row.Latent.AsSpan().SequenceEqual(right.Latent) || !row.LatentVariance.AsSpan().SequenceEqual(right.LatentVariance))
                {
                    Interlocked.Increment(ref wrong);
                }
            }

            Assert.AreEqual(20_000, i);
        });
        Assert.AreEqual(0, wrong);
    }

    [TestMethod]
    public void PredictionEngine_Preview_AndCache()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Row[] rows = SampleRows();
        IDataView view = Rows.View(ml, rows);
        LatentTransformer fitted = Create(ml).Fit(view);
        Encoded[] expected = Read<Encoded>(ml, fitted.Transform(view));
        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        foreach (ITransformer transformer in new[] { fitted, loaded })
        {
            using PredictionEngine<Row, Encoded> engine =
                ml.Model.CreatePredictionEngine<Row, Encoded>(transformer, ignoreMissingColumns: true);
            for (int i = 0; i < rows.Length; i += 31)
            {
                Encoded row = engine.Predict(rows[i]);
                CollectionAssert.AreEqual(expected[i].Latent, row.Latent);
                CollectionAssert.AreEqual(expected[i].LatentVariance, row.LatentVariance);
            }

            Assert.IsTrue(transformer.IsRowToRowMapper);
        }

        Assert.HasCount(10, fitted.Preview(view, maxRows: 10).RowView);
        Assert.HasCount(5, Create(ml).Preview(view, maxRows: 50, maxTrainingRows: 100).RowView.Take(5).ToArray());
        IDataView cached = ml.Data.Cache(fitted.Transform(view));
        CollectionAssert.AreEqual(expected[3].Latent, Read<Encoded>(ml, cached)[3].Latent);
        CollectionAssert.AreEqual(expected[3].Latent, Read<Encoded>(ml, cached)[3].Latent);
    }

    [TestMethod]
    public void ZeroRows_AreAnError_AndOneRowEncodesAlone()
    {
        MLContext ml = new(1);
        StringAssert.Contains(
            Assert.ThrowsExactly<global::EntropyElbo.BadDataException>(() => Create(ml).Fit(Rows.View(ml, []))).Message, "rows");
        LatentTransformer fitted = Create(ml).Fit(Sample(ml));
        Assert.HasCount(0, Read<Encoded>(ml, fitted.Transform(Rows.View(ml, []))));
        Assert.HasCount(1, Read<Encoded>(ml, fitted.Transform(Rows.View(ml, SampleRows(1)))));
    }

    [TestMethod]
    public void RowsWithMissingValues_AreSkippedAndCounted_AndEncodeAsMissing()
    {
        MLContext ml = new(1);
        List<string> warnings = [];
        ml.Log += (_, e) =>
        {
            if (e.Message.Contains("missing features", StringComparison.Ordinal))
            {
                warnings.Add(e.Message);
            }
        };
        Row[] rows = SampleRows();
        LatentEstimator estimator = Create(ml);
        Row[] holed = [.. rows, new Row { Features = [.. Enumerable.Repeat(float.NaN, Rows.Columns)] }, new Row { Features = [0, 1, 0, 1, 0, float.NaN] }];
        LatentTransformer fitted = estimator.Fit(Rows.View(ml, holed));
        Assert.AreEqual(2, fitted.Model.Training.SkippedRows);
        Assert.AreEqual(rows.Length, fitted.Model.Training.Rows);
        StringAssert.Contains(warnings.Single(), "Skipped 2 instances with missing features during training");

        FullyEncoded[] encoded = Read<FullyEncoded>(ml, fitted.Transform(Rows.View(ml, holed)));
        Assert.IsTrue(encoded[^1].Latent.All(float.IsNaN) && encoded[^1].LatentVariance.All(float.IsNaN));
        Assert.IsTrue(encoded[^1].Reconstruction.All(float.IsNaN) && float.IsNaN(encoded[^1].Score) && float.IsNaN(encoded[^1].Elbo));
        Assert.IsTrue(encoded[0].Latent.All(float.IsFinite) && float.IsFinite(encoded[0].Elbo));
        CollectionAssert.AreEqual(
            Bits.Of(estimator.Fit(Rows.View(ml, rows)).Transform(Rows.View(ml, rows)), Rows.View(ml, rows).Schema).ToArray(),
            Bits.Of(fitted.Transform(Rows.View(ml, rows)), Rows.View(ml, rows).Schema).ToArray());

        Row[] none = [.. Enumerable.Range(0, 5).Select(_ => new Row { Features = [.. Enumerable.Repeat(float.NaN, Rows.Columns)] })];
        Assert.ThrowsExactly<global::EntropyElbo.BadDataException>(() => estimator.Fit(Rows.View(ml, none)));
    }

    [TestMethod]
    public void Downstream_LoadedChainWithLogisticRegression_AndPermutationFeatureImportance()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView rows = Sample(ml, 300);
        var chain = Create(ml).Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(featureColumnName: "Latent")).Fit(rows);
        ml.Model.Save(chain, rows.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        double before = ml.BinaryClassification.Evaluate(chain.Transform(rows)).Accuracy;
        Assert.AreEqual(before, ml.BinaryClassification.Evaluate(loaded.Transform(rows)).Accuracy);
        Assert.IsGreaterThan(0.6, before, "the latents know the group");

        var importance = ml.BinaryClassification.PermutationFeatureImportanceNonCalibrated(chain, chain.Transform(rows));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, CodeLength).Select(h => $"Latent{h}").ToArray(), importance.Keys.ToArray());
        var loadedImportance = ml.BinaryClassification.PermutationFeatureImportanceNonCalibrated(loaded, loaded.Transform(rows));
        Assert.HasCount(CodeLength, loadedImportance);
    }

    [TestMethod]
    public void CrossValidate_OfADownstreamTrainer()
    {
        MLContext ml = new(1);
        var pipeline = Create(ml).Append(ml.Regression.Trainers.LbfgsPoissonRegression("Target", "Latent"));
        var folds = ml.Regression.CrossValidate(Sample(ml), pipeline, numberOfFolds: 2, labelColumnName: "Target");
        Assert.HasCount(2, folds);
        Assert.IsTrue(folds.All(f => double.IsFinite(f.Metrics.MeanSquaredError)));
    }

    [TestMethod]
    public void Dispose_TwiceIsNoHarm()
    {
        MLContext ml = new(1);
        IDataView rows = Sample(ml);
        TransformerChain<LatentTransformer> chain = ml.Transforms.CopyColumns("Copied", "Features").Append(Create(ml)).Fit(rows);
        chain.Dispose();
        chain.LastTransformer.Dispose();
        Assert.AreEqual(Family, chain.LastTransformer.Model.Family);
    }

    [TestMethod]
    public void Streamed_LearnsAsCachedDoes()
    {
        MLContext ml = new(1);
        IDataView rows = Sample(ml);
        LatentTransformer cached = Create(ml, o => o.Caching = DataCaching.Memory).Fit(rows);
        LatentTransformer streamed = Create(ml, o => o.Caching = DataCaching.Stream).Fit(rows);
        Assert.AreEqual(cached.Model.Training.Rows, streamed.Model.Training.Rows);
        Assert.AreEqual(cached.Report.Summary.Elbo, streamed.Report.Summary.Elbo, 0.3 * (1 + Math.Abs(cached.Report.Summary.Elbo)));
    }

    private protected static T[] Read<T>(MLContext ml, IDataView view)
        where T : class, new() => [.. ml.Data.CreateEnumerable<T>(view, reuseRowObject: false, ignoreMissingColumns: true)];

    /// <summary>The shape of a view: what an estimator that changes nothing would say of it.</summary>
    private static SchemaShape Shape(MLContext ml, IDataView view) => ShapeOf.View(ml, view);

    private static float[] Singles(double[] values) => [.. values.Select(v => (float)v)];

    private sealed class NarrowRow
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }

    private sealed class OddRow
    {
        public float Target { get; set; }

        [VectorType]
        public float[] Varying { get; set; } = [1, 2];

        [VectorType(2)]
        public string[] Words { get; set; } = ["a", "b"];
    }
}
