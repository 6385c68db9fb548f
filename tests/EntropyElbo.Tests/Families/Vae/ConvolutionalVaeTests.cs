using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

[TestClass]
public sealed class ConvolutionalVaeTests
{
    private static readonly GaussianVaeOptions Small = new()
    {
        Latents = 6,
        Images = new ImageNetworks { Shape = Blobs.Shape(8), Filters = [8, 16] },
        Training = new MinibatchOptions { Epochs = 10, BatchSize = 50, StationarityTolerance = 0 },
    };

    [TestMethod]
    public void Blobs_AreLearntBetterThanByAnyAffineDecoder_AndTheElboIsTheEntropySum()
    {
        InMemoryRows rows = Blobs.Create(1500, 1), test = Blobs.Create(300, 1, firstRow: 1500);
        GaussianVaeModel model = (GaussianVaeModel)new GaussianVaeTrainer(Small with
        {
            Images = new ImageNetworks { Shape = Blobs.Shape(), Filters = [16, 32, 64] },
            Training = new MinibatchOptions { Epochs = 40, BatchSize = 50, LearningRate = 2e-3 },
        }).Fit(rows).Model;
        ElboReport report = model.Evaluate(rows, new EvaluateOptions { Samples = 20 }).Summary;
        Assert.IsGreaterThan(model.Training.AffineReference!.Value, report.Elbo);
        Assert.IsLessThan(1e-3, report.RelativeGap, $"{report}");
        Assert.IsGreaterThan(model.Training.AffineReference.Value, model.Evaluate(test, new EvaluateOptions { Samples = 20 }).Summary.Elbo, "held-out images");

        // The noise of the images is 0.05; what the network misses comes on top.
        double deviation = Math.Sqrt(model.DecoderVariance) / model.Scaling.Factor[0];
        Assert.IsTrue(deviation is > Blobs.DefaultNoise and < 1.3 * Blobs.DefaultNoise, $"{deviation}");
    }

    [TestMethod]
    public void HorizontalFlips_MakeMirroredImagesAsLikely()
    {
        // Blobs in the left half only.
        ImageShape shape = Blobs.Shape(8);
        double[] values = Blobs.Create(1200, 1, side: 8).ReadAll().Values;
        double[] left = [.. values.Chunk(64).Where(image => Weight(image, 0) > 1.5 * Weight(image, 4)).SelectMany(image => image)];
        double[] right = [.. left.Chunk(64).SelectMany(image => Flipped(image, shape))];
        Assert.IsGreaterThan(200 * 64, left.Length);
        InMemoryRows rows = new(left, 64), mirrored = new(right, 64);
        GaussianVaeOptions options = Small with { Training = Small.Training with { Epochs = 40, LearningRate = 3e-3 } };
        double Difference(bool flips)
        {
            LatentModel model = new GaussianVaeTrainer(options with { Images = options.Images! with { HorizontalFlips = flips } }).Fit(rows).Model;
            return model.Evaluate(rows).Summary.Elbo - model.Evaluate(mirrored).Summary.Elbo;
        }

        double without = Difference(flips: false), with = Difference(flips: true);
        Assert.IsGreaterThan(10 * Math.Abs(with), without, $"{without} and {with} nats");
    }

    [TestMethod]
    public void PixelOrder_IsAMatterOfColumnsOnly()
    {
        // The same images, channel by channel or together, give the same model up to the order of its last sums.
        InMemoryRows together = Blobs.Create(300, 1, side: 8, channels: 3);
        double[] values = together.ReadAll().Values;
        double[] apart = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int row = i / 192, pixel = i % 192 / 3, channel = i % 3;
            apart[(row * 192) + (channel * 64) + pixel] = values[i];
        }

        double Elbo(IRowSource rows, PixelOrder order) => new GaussianVaeTrainer(Small with
        {
            Images = Small.Images! with { Shape = Blobs.Shape(8, 3) with { Order = order } },
            Training = Small.Training with { Epochs = 2 },
        }).Fit(rows).Model.Evaluate(rows).Summary.Elbo;
        double expected = Elbo(together, PixelOrder.Interleaved);
        Assert.AreEqual(expected, Elbo(new InMemoryRows(apart, 192), PixelOrder.Planar), 1e-3 * Math.Abs(expected));
    }

    [TestMethod]
    public void Scaling_IsOneForAllPixels()
    {
        double[] values = Blobs.Create(100, 1, side: 8).ReadAll().Values;
        foreach ((ScalingKind kind, double offset, double spread) in new[]
        {
            (ScalingKind.MinMax, values.Min(), values.Max() - values.Min()),
            (ScalingKind.Standard, values.Average(), Math.Sqrt(values.Average(v => v * v) - Math.Pow(values.Average(), 2))),
        })
        {
            Scaling scaling = new GaussianVaeTrainer(Small with { Scaling = kind, Training = Small.Training with { Epochs = 1 } })
                .Fit(new InMemoryRows(values, 64)).Model.Scaling;
            Assert.AreEqual(64, scaling.Offset.ToArray().Count(o => Math.Abs(o - offset) < 1e-12));
            Assert.AreEqual(64, scaling.Factor.ToArray().Count(f => Math.Abs((f * spread) - 1) < 1e-12));
        }
    }

    [TestMethod]
    public void VeryWideRows_AreScoredInSmallerBlocks()
    {
        // 262,144 columns: 16 rows to a block.
        const int columns = 512 * 512, count = 20;
        GaussianVaeModel model = VaeContract.RandomModel(
            VaeVariant.LearnedVariance, columns, 2, 1, images: new ImageNetworks { Shape = new ImageShape(512, 512), Filters = [2, 2] });
        float[] values = new float[columns * count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i * 7919L % 1000) / 1000f;
        }

        InMemoryRows rows = new(values, columns);
        Assert.AreEqual(
            model.Evaluate(rows, new EvaluateOptions { Samples = 2, Threads = 1 }).Summary, model.Evaluate(rows, new EvaluateOptions { Samples = 2, Threads = 3 }).Summary);
        double[] all = [.. values.Select(v => (double)v)], together = new double[count], alone = new double[1];
        model.RowElbo(all, together, samples: 2);
        model.RowElbo(all.AsSpan(18 * columns, columns), alone, samples: 2);
        Assert.AreEqual(together[18], alone[0]);
    }

    [TestMethod]
    public void FreeParameters_AreWeightsAndBiasesOfTheDecoderAndTheVariance()
    {
        GaussianVaeModel model = (GaussianVaeModel)new GaussianVaeTrainer(Small with { Training = Small.Training with { Epochs = 1 } })
            .Fit(Blobs.Create(100, 1, side: 8)).Model;

        // 6 -> 2 x 2 x 16, 3 x 3 from 16 to 8, from 8 to 8, from 8 to 1; a variance.
        Assert.AreEqual((7 * 64) + (16 * 72) + 8 + (8 * 72) + 8 + (8 * 9) + 1 + 1, model.FreeParameters);
        Assert.AreEqual(Small.Images, model.Images);
    }

    [TestMethod]
    public void NonFiniteValue_StopsWithTheRowThatHasIt()
    {
        double[] values = Blobs.Create(300, 1, side: 8).ReadAll().Values;
        values.AsSpan(122 * 64, 64).Fill(3e38);
        TrainingException error = Assert.ThrowsExactly<TrainingException>(
            () => new GaussianVaeTrainer(Small with { Scaling = ScalingKind.None }).Fit(new InMemoryRows(values, 64)));
        StringAssert.Contains(error.Message, "first in row 123 of the data");
        StringAssert.Contains(error.Message, "layer 1 of 3 of the encoder");
    }

    [TestMethod]
    public void BadOptions_AreNamed()
    {
        ImageNetworks images = Small.Images!;
        foreach ((GaussianVaeOptions options, string option) in new[]
        {
            (Small with { Start = NetworkStart.AffineMaximumLikelihood, Hidden = [] }, "start"),
            (Small with { Images = images with { Shape = new ImageShape(8, 9) } }, "image"),
            (Small with { Images = images with { Shape = new ImageShape(0, 9) } }, "image"),
            (Small with { Images = images with { Filters = [] } }, "filters"),
            (Small with { Images = images with { Filters = [8, 0] } }, "filters"),
            (Small with { Images = images with { Filters = [4096, 4096, 4096] } }, "filters"),
            (Small with { Latents = 65_536, Images = images with { Filters = [2048] } }, "filters"),
            (Small with { Training = Small.Training with { BatchSize = 1 } }, "batch"),
            (Small with { Training = Small.Training with { BatchSize = 1_000_000 } }, "batch"),
        })
        {
            BadOptionException error = Assert.ThrowsExactly<BadOptionException>(
                () => new GaussianVaeTrainer(options).Fit(Blobs.Create(20, 1, side: 8)), $"{options}");
            Assert.AreEqual(option, error.Option, error.Message);
        }
    }

    [TestMethod]
    public void BatchThatDoesNotFitTheMemory_IsRefusedWithOneThatDoes()
    {
        VaeNetwork network = new(new VaeArchitecture(VaeVariant.LearnedVariance, 12_288, 128, []) { Images = new ImageNetworks { Shape = Blobs.Shape(64, 3) } });
        GaussianVaeTrainer.RequireMemory(network, 256, 24_000_000_000);
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => GaussianVaeTrainer.RequireMemory(network, 256, 500_000_000));
        Assert.AreEqual("batch", error.Option);
        int fitting = int.Parse(error.Message.Split(' ')[^3], System.Globalization.CultureInfo.InvariantCulture);
        Assert.IsTrue(fitting is > 50 and < 200, error.Message);
        GaussianVaeTrainer.RequireMemory(network, fitting, 500_000_000);
    }

    [TestMethod]
    [DataRow("image", "\"8x9x1\"")]
    [DataRow("image", "\"8x8x1:diagonal\"")]
    [DataRow("image", "\"4096x4096x1\"")]
    [DataRow("filters", "[]")]
    [DataRow("filters", "[8,17]")]
    [DataRow("filters", "[4096,4096,4096,4096,4096,4096,4096]")]
    [DataRow("filters", "null")]
    public void Files_ThatWereTamperedWith_AreRefused(string key, string json)
    {
        ModelRecord record = Trained().ToRecord();
        Assert.AreEqual(3, record.FamilyVersion);
        record.SetJson(key, json);
        Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(record, "m.eelbo"));
    }

    [TestMethod]
    public void Files_WithAVarianceBelowZero_AreRefused()
    {
        ModelRecord record = Trained().ToRecord(), changed = new(record.Family, record.FamilyVersion);
        foreach (string key in record.Keys)
        {
            changed.SetJson(key, record.GetJson(key));
        }

        foreach (ModelTensor tensor in record.Tensors)
        {
            if (tensor.Name != "decoder.1.running_variance")
            {
                changed.Add(tensor);
                continue;
            }

            float[] values = tensor.ToSingles();
            values[^1] = -1e-3f;
            changed.Add(ModelTensor.Of(tensor.Name, values, [.. tensor.Shape]));
        }

        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(changed, "m.eelbo"));
        StringAssert.Contains(error.Message, "decoder.1.running_variance");
    }

    private static LatentModel Trained() =>
        new GaussianVaeTrainer(Small with { Training = Small.Training with { Epochs = 1 } }).Fit(Blobs.Create(60, 1, side: 8)).Model;

    /// <summary>Brightness of four columns of pixels.</summary>
    private static double Weight(double[] image, int first) => Enumerable.Range(0, 64).Where(i => i % 8 >= first && i % 8 < first + 4).Sum(i => image[i]);

    private static double[] Flipped(double[] image, ImageShape shape)
    {
        double[] flipped = [.. image];
        shape.FlipHorizontally<double>(flipped);
        return flipped;
    }
}
