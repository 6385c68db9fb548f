using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using Column = MathNet.Numerics.LinearAlgebra.Vector<double>;
using Dense = MathNet.Numerics.LinearAlgebra.Matrix<double>;

namespace EntropyElbo.Tests.Networks;

/// <summary>The curvature of convolutions (KFC, Grosse and Martens 2016) against dense matrices over windows that are cut out here.</summary>
[TestClass]
public sealed class ConvolutionCurvatureTests
{
    private const int Images = 30;

    /// <summary>A kernel that covers the image is a dense layer, and its curvature that of the dense layer.</summary>
    [TestMethod]
    [DataRow(false, 1)]
    [DataRow(true, 1)]
    [DataRow(false, 2)]
    [DataRow(true, 2)]
    public void OneWindow_IsADenseLayer(bool transposed, int side)
    {
        Case given = new(Unfolding.Whole(new FeatureShape(side, side, 2)), 3, transposed);
        int inputs = transposed ? 3 : 2 * side * side, outputs = transposed ? 2 * side * side : 3;
        KroneckerFactors dense = new(given.Layer.Weights, given.Layer.Bias);
        CurvatureScratch<double> scratch = new();
        MatrixView<double> x = Matrix(given.Input, Images, inputs), g = Matrix(given.Gradient, Images, outputs);
        dense.Add(x, g, areDrawn: false, scratch);
        dense.Add(x, g, areDrawn: true, scratch);
        double expected = dense.HalfDecrement(given.First, given.Second, Images, Images);
        Assert.IsGreaterThan(1e-3, Math.Abs(expected));
        Assert.AreEqual(expected, given.HalfDecrement(), 1e-10 * Math.Abs(expected));
    }

    /// <summary>A as the mean over images and windows, B as the sum over an image's windows; a 1 for the bias.</summary>
    [TestMethod]
    public void AConvolution_HasTheMeanOfItsWindows_AndTheSumOfItsGradients()
    {
        Case given = new(Unfolding.Three(new FeatureShape(4, 5, 2), 2), 3, transposed: false);
        Dense x = WithOnes(Windows(given.Input, 4, 5, 2)), g = Lines(given.Gradient, 3);
        double expected = Gain(x, x.RowCount, g, Images, Flat(given, given.First, hasBias: true), Flat(given, given.Second, hasBias: true));
        Assert.AreEqual(expected, given.HalfDecrement(), 1e-9 * Math.Abs(expected));
    }

    /// <summary>
    /// The other way round: pixels of the small map go in, windows of the large one come out; the bias, of pixels that windows share, has
    /// the images' sums.
    /// </summary>
    [TestMethod]
    public void ATransposedConvolution_HasTheWindowsOfItsGradients()
    {
        Case given = new(Unfolding.Three(new FeatureShape(4, 5, 2), 2), 3, transposed: true);
        Dense x = Lines(given.Input, 3), g = Windows(given.Gradient, 4, 5, 2);
        double expected = Gain(x, x.RowCount, g, Images, Flat(given, given.First, hasBias: false), Flat(given, given.Second, hasBias: false));
        Dense sums = Dense.Build.Dense(Images, 2, (n, c) => Enumerable.Range(0, 20).Sum(p => given.Gradient[(((n * 20) + p) * 2) + c]));
        expected += Gain(Dense.Build.Dense(Images, 1, 1), Images, sums, Images, Bias(given, given.First), Bias(given, given.Second));
        Assert.AreEqual(expected, given.HalfDecrement(), 1e-9 * Math.Abs(expected));
    }

    private static double Gain(Dense x, int lines, Dense g, int rows, Column first, Column second) =>
        0.5 * first.DotProduct(Damped(x, lines).KroneckerProduct(Damped(g, rows)).Solve(second));

    private static Dense Damped(Dense lines, int count)
    {
        Dense mean = lines.TransposeThisAndMultiply(lines) / count;
        return mean + (Dense.Build.DenseIdentity(mean.RowCount) * (0.001 * mean.Trace() / mean.RowCount));
    }

    private static Dense WithOnes(Dense lines) => lines.InsertColumn(lines.ColumnCount, Column.Build.Dense(lines.RowCount, 1));

    private static Dense Lines(double[] values, int width) => Dense.Build.Dense(values.Length / width, width, (i, j) => values[(i * width) + j]);

    /// <summary>Windows of 3 x 3 with stride 2 and a border of zeros: lines, pixels, channels.</summary>
    private static Dense Windows(double[] map, int height, int width, int channels)
    {
        int down = (height + 1) / 2, across = (width + 1) / 2;
        return Dense.Build.Dense(Images * down * across, 9 * channels, (line, entry) =>
        {
            int image = line / (down * across), y = (2 * (line / across % down)) - 1 + (entry / channels / 3), x = (2 * (line % across)) - 1 + (entry / channels % 3);
            return y < 0 || y >= height || x < 0 || x >= width ? 0 : map[(((((image * height) + y) * width) + x) * channels) + (entry % channels)];
        });
    }

    private static Column Flat(Case given, double[] values, bool hasBias)
    {
        ParameterTensor weights = given.Layer.Weights, bias = given.Layer.Bias!;
        return Column.Build.Dense((weights.Rows + (hasBias ? 1 : 0)) * weights.Columns, i => i / weights.Columns is var row && row < weights.Rows
            ? values[weights.Offset + (row * weights.Stride) + (i % weights.Columns)]
            : values[bias.Offset + (i % weights.Columns)]);
    }

    private static Column Bias(Case given, double[] values) =>
        Column.Build.Dense(given.Layer.Bias!.Columns, i => values[given.Layer.Bias.Offset + i]);

    private static MatrixView<double> Matrix(double[] values, int rows, int columns)
    {
        MatrixView<double> matrix = new Matrix<double>(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            values.AsSpan(row * columns, columns).CopyTo(matrix[row]);
        }

        return matrix;
    }

    private static double[] Gaussian(RandomStream random, int length)
    {
        double[] values = new double[length];
        random.FillGaussian(values);
        return values;
    }

    /// <summary>A linear convolution with random weights, maps and gradients.</summary>
    private sealed class Case
    {
        private readonly ParameterLayout _layout = new();

        public Case(Unfolding windows, int channels, bool transposed)
        {
            Layer = new ConvolutionLayer(_layout, "layer", windows, channels, transposed, normalised: false);
            RandomStream random = new(11, RandomPurpose.Generation);
            Input = Gaussian(random, Images * Layer.Input.Pixels * Layer.Input.Channels);
            Gradient = Gaussian(random, Images * Layer.Output.Pixels * Layer.Output.Channels);
            First = Gaussian(random, _layout.Length);
            Second = [.. Gaussian(random, _layout.Length).Zip(First, (noise, g) => g + (0.1 * noise))];
        }

        public ConvolutionLayer Layer { get; }

        public double[] Input { get; }

        public double[] Gradient { get; }

        public double[] First { get; }

        public double[] Second { get; }

        /// <summary>With the same rows as the data's and as those drawn.</summary>
        public unsafe double HalfDecrement()
        {
            AlignedBuffer<double> parameters = new(_layout.Length), gradient = new(_layout.Length);
            LayerCurvature curvature = Layer.CreateCurvature(new float[_layout.Length]);
            CurvatureSums<double> sums = new([curvature]);
            MatrixView<double> input = Matrix(Input, Images * Layer.Input.Pixels, Layer.Input.Channels);
            MatrixView<double> output = Matrix(Gradient, Images * Layer.Output.Pixels, Layer.Output.Channels);
            foreach (bool areDrawn in new[] { false, true })
            {
                sums.AreDrawn = areDrawn;
                Layer.Backward(parameters, gradient.Pointer, input, output, default, new LayerScratch<double>(), (sums, 0));
            }

            return curvature.HalfDecrement(First, Second, Images, Images);
        }
    }
}
