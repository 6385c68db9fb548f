using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Reference;

namespace EntropyElbo.Tests.Networks;

/// <summary>Convolutional networks against PyTorch's figures, and against themselves on other teams, blocks and precisions.</summary>
[TestClass]
public sealed unsafe class ConvolutionalNetworkTests
{
    private const int Latents = 3;
    private const int Rows = 10;

    /// <summary>The cases of Reference/convolution.py.</summary>
    private static readonly (ImageShape Image, int[] Filters)[] Cases =
    [
        (new ImageShape(6, 5, 2), [3, 4]),
        (new ImageShape(4, 7, 3) { Order = PixelOrder.Planar }, [16, 5, 2]),
        (new ImageShape(1, 2), [2]),
    ];

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(0, false)]
    [DataRow(1, true)]
    [DataRow(1, false)]
    [DataRow(2, true)]
    [DataRow(2, false)]
    public void OutputsGradientsAndStatistics_AreThoseOfPyTorch(int number, bool encodes)
    {
        Dictionary<string, double[]> expected = ReferenceTable.Read("convolution.csv")
            .Where(cells => cells[0] == $"{number}" && cells[1] == (encodes ? "encoder" : "decoder"))
            .ToDictionary(cells => cells[2], cells => ReferenceTable.Numbers(cells[3]));
        using Probe<double> probe = new(number, encodes, threads: 1);
        probe.Run();
        List<string> failures = [];
        int compared = 0;
        Compare("output", probe.Output);
        if (!encodes)
        {
            Compare("input gradient", probe.InputGradient);
        }

        Compare("evaluated", probe.Evaluate());
        double[] running = probe.Track();
        foreach (ParameterTensor tensor in probe.Layout.Tensors)
        {
            Compare(tensor.Name, Packed(tensor, tensor.Name.Contains("running", StringComparison.Ordinal) ? running : probe.Gradient));
        }

        Assert.HasCount(compared, expected);
        Assert.IsEmpty(failures, string.Join('\n', failures));

        void Compare(string quantity, double[] actual)
        {
            double[] values = expected[quantity];
            Assert.HasCount(values.Length, actual, quantity);
            double scale = values.Max(Math.Abs);
            compared++;
            for (int i = 0; i < values.Length; i++)
            {
                // Running averages are kept as floats.
                double bar = quantity.Contains("running", StringComparison.Ordinal) ? 1e-7 : 1e-11;
                if (!(Math.Abs(values[i] - actual[i]) <= bar * Math.Max(scale, 0.01)))
                {
                    failures.Add($"{quantity} {i}: expected {values[i]:R}, got {actual[i]:R}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(1, false)]
    public void Threads_DoNotChangeABit(int number, bool encodes)
    {
        using Probe<float> one = new(number, encodes, threads: 1), three = new(number, encodes, threads: 3);
        one.Run();
        three.Run();
        CollectionAssert.AreEqual(one.Output, three.Output);
        CollectionAssert.AreEqual(one.Gradient, three.Gradient);
        CollectionAssert.AreEqual(one.InputGradient, three.InputGradient);
    }

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(1, true)]
    [DataRow(1, false)]
    public void FloatsAndDoubles_Agree(int number, bool encodes)
    {
        using Probe<float> narrow = new(number, encodes, threads: 2);
        using Probe<double> wide = new(number, encodes, threads: 2);
        narrow.Run();
        wide.Run();
        foreach ((double[] expected, double[] actual) in new[] { (wide.Output, narrow.Output), (wide.Gradient, narrow.Gradient), (wide.InputGradient, narrow.InputGradient) })
        {
            double scale = expected.Append(0).Max(Math.Abs);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 2e-5 * scale, $"entry {i}");
            }
        }
    }

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(1, false)]
    public void Scoring_GivesARowTheSameBitsAloneAndAmongOthers(int number, bool encodes)
    {
        using Probe<float> probe = new(number, encodes, threads: 1);
        double[] together = probe.Evaluate();
        int width = together.Length / Rows;
        for (int row = 0; row < Rows; row++)
        {
            CollectionAssert.AreEqual(together[(row * width)..((row + 1) * width)], probe.Evaluate(row, 1));
        }
    }

    [TestMethod]
    public void Windows_ScatterIsTheAdjointOfGather()
    {
        // <gather(x), y> = <x, scatter(y)> for every stride, padding and odd size.
        RandomStream random = new(1, RandomPurpose.Generation);
        foreach (Unfolding windows in new[]
        {
            Unfolding.Three(new FeatureShape(5, 4, 3), 1), Unfolding.Three(new FeatureShape(5, 4, 16), 2), Unfolding.Three(new FeatureShape(1, 1, 2), 2),
            Unfolding.Whole(new FeatureShape(2, 3, 5)), new Unfolding(new FeatureShape(7, 6, 2), 3, 3, 2, 4, 2, 1),
        })
        {
            const int images = 3;
            MatrixView<double> x = Random(images * windows.Large.Pixels, windows.Large.Channels, random);
            MatrixView<double> y = Random(images * windows.Count, windows.Entries, random);
            MatrixView<double> gathered = new Matrix<double>(y.Rows, y.Columns);
            MatrixView<double> scattered = new Matrix<double>(x.Rows, x.Columns);
            windows.Gather(x, gathered);
            windows.Scatter(y, scattered, null);
            double left = Inner(gathered, y), right = Inner(x, scattered);
            Assert.AreEqual(left, right, 1e-12 * Math.Abs(left), $"{windows}");
            Assert.IsGreaterThan(1e-3, Math.Abs(left));
        }
    }

    [TestMethod]
    [DataRow("64x64x3", 64, 64, 3, PixelOrder.Interleaved)]
    [DataRow("28x20", 28, 20, 1, PixelOrder.Interleaved)]
    [DataRow("3x4x2:planar", 3, 4, 2, PixelOrder.Planar)]
    public void ImageShape_ReadsItsOwnText(string text, int height, int width, int channels, PixelOrder order)
    {
        ImageShape shape = ImageShape.Parse(text);
        Assert.AreEqual(new ImageShape(height, width, channels) { Order = order }, shape);
        Assert.AreEqual(shape, ImageShape.Parse(shape.ToString()));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("64")]
    [DataRow("64x-1")]
    [DataRow("64x64x3x2")]
    [DataRow("0x5")]
    [DataRow("5000x5")]
    [DataRow("4096x4096x3")]
    [DataRow("64x64:upside")]
    [DataRow("64x64:planar:planar")]
    public void ImageShape_RefusesOtherTexts(string text) => Assert.ThrowsExactly<BadOptionException>(() => ImageShape.Parse(text));

    [TestMethod]
    public void FlipHorizontally_ReversesEveryLineOfEveryChannel()
    {
        double[] interleaved = [1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60];
        new ImageShape(2, 3, 2).FlipHorizontally<double>(interleaved);
        CollectionAssert.AreEqual(new double[] { 3, 30, 2, 20, 1, 10, 6, 60, 5, 50, 4, 40 }, interleaved);
        double[] planar = [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60];
        new ImageShape(2, 3, 2) { Order = PixelOrder.Planar }.FlipHorizontally<double>(planar);
        CollectionAssert.AreEqual(new double[] { 3, 2, 1, 6, 5, 4, 30, 20, 10, 60, 50, 40 }, planar);
    }

    private static MatrixView<double> Random(int rows, int columns, RandomStream random)
    {
        MatrixView<double> view = new Matrix<double>(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            foreach (ref double value in view[row])
            {
                value = random.NextGaussian();
            }
        }

        return view;
    }

    private static double Inner(MatrixView<double> x, MatrixView<double> y)
    {
        double sum = 0;
        for (int row = 0; row < x.Rows; row++)
        {
            for (int i = 0; i < x.Columns; i++)
            {
                sum += x[row][i] * y[row][i];
            }
        }

        return sum;
    }

    private static double[] Packed(ParameterTensor tensor, double[] flat) =>
        [.. Enumerable.Range(0, tensor.Rows * tensor.Columns).Select(i => flat[tensor.Offset + (i / tensor.Columns * tensor.Stride) + (i % tensor.Columns)])];

    /// <summary>A network with the script's parameters, rows and weights of the summed outputs in place.</summary>
    private sealed class Probe<T> : IDisposable
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        private readonly ConvolutionalNetwork _network;
        private readonly WorkerTeam _team;
        private readonly NetworkWorkspace<T> _work;
        private readonly AlignedBuffer<T> _parameters;
        private readonly AlignedBuffer<T> _gradient;
        private readonly MatrixView<T> _input;
        private readonly MatrixView<T> _inputGradient;

        public Probe(int number, bool encodes, int threads)
        {
            (ImageShape image, int[] filters) = Cases[number];
            Layout = new ParameterLayout();
            _network = encodes
                ? ConvolutionalNetwork.Encoder(Layout, "encoder", image, filters, 2 * Latents)
                : ConvolutionalNetwork.Decoder(Layout, "decoder", Latents, image, filters);
            _team = new WorkerTeam(threads);
            _work = _network.CreateWorkspace(Rows + 3, withGradients: true, new ProductScratch<T>(), _team);
            _parameters = new AlignedBuffer<T>(Layout.Length);
            _gradient = new AlignedBuffer<T>(Layout.Length);
            for (int t = 0; t < Layout.Tensors.Count; t++)
            {
                ParameterTensor tensor = Layout.Tensors[t];
                double middle = tensor.Name.EndsWith(".scale", StringComparison.Ordinal) || tensor.Name.EndsWith("variance", StringComparison.Ordinal) ? 1 : 0;
                for (int k = 0; k < tensor.Rows * tensor.Columns; k++)
                {
                    double value = middle + (0.5 * Math.Sin(1 + (1.7 * t) + (0.9 * k)));
                    _parameters.Span[tensor.Offset + (k / tensor.Columns * tensor.Stride) + (k % tensor.Columns)] = T.CreateTruncating(value);
                }
            }

            _input = new Matrix<T>(Rows, encodes ? image.Columns : Latents);
            _inputGradient = new Matrix<T>(Rows, Latents);
            Fill(_input, 0.3, 1.1);
        }

        public ParameterLayout Layout { get; }

        public double[] Output { get; private set; } = [];

        public double[] Gradient { get; private set; } = [];

        public double[] InputGradient { get; private set; } = [];

        public void Run()
        {
            _work.Forward(_parameters, _input);
            Output = Packed(_work.Output(Rows));
            Fill(_work.OutputGradient(Rows), 0.2, 0.7);

            // Nobody asks for the gradient of images.
            bool encodes = _network.InputImage is not null;
            _work.Backward(_parameters, _gradient, _input, encodes ? default : _inputGradient);
            Gradient = [.. _gradient.Span.ToArray().Select(double.CreateTruncating)];
            InputGradient = encodes ? [] : Packed(_inputGradient);
        }

        /// <summary>Running averages after the batch.</summary>
        public double[] Track()
        {
            float[] parameters = [.. _parameters.Span.ToArray().Select(float.CreateTruncating)], gradient = [.. Gradient.Select(g => (float)g)];
            foreach (BatchNormalisation normalisation in _network.Normalisations)
            {
                normalisation.Track(parameters, gradient);
                Assert.AreEqual(0, gradient[normalisation.RunningMean.Offset]);
            }

            return [.. parameters.Select(p => (double)p)];
        }

        /// <summary>Outputs with running averages.</summary>
        public double[] Evaluate(int start = 0, int rows = Rows)
        {
            NetworkWorkspace<T> work = _network.CreateWorkspace(Rows, withGradients: false, new ProductScratch<T>(), null);
            work.Forward(_parameters, _input.Slice(start, rows));
            return Packed(work.Output(rows));
        }

        public void Dispose() => _team.Dispose();

        private static void Fill(MatrixView<T> view, double first, double step)
        {
            for (int i = 0; i < view.Rows * view.Columns; i++)
            {
                view[i / view.Columns][i % view.Columns] = T.CreateTruncating(Math.Sin(first + (step * i)));
            }
        }

        private static double[] Packed(MatrixView<T> view) =>
            [.. Enumerable.Range(0, view.Rows * view.Columns).Select(i => double.CreateTruncating(view[i / view.Columns][i % view.Columns]))];
    }
}
