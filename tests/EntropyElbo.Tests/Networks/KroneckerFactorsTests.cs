using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using Column = MathNet.Numerics.LinearAlgebra.Vector<double>;
using Dense = MathNet.Numerics.LinearAlgebra.Matrix<double>;

namespace EntropyElbo.Tests.Networks;

[TestClass]
public sealed class KroneckerFactorsTests
{
    private const int In = 4;
    private const int Out = 3;
    private const int Rows = 9;

    /// <summary>
    /// Both dense Fisher matrices, by the data and by drawn rows, written out as Kronecker products and solved as one system; the gain is
    /// the geometric mean.
    /// </summary>
    [TestMethod]
    public void HalfDecrement_IsThatOfTheDenseMatrices()
    {
        (KroneckerFactors factors, double[] first, double[] second, Dense byData, Dense byModel) = Layer();
        Column a = Flat(first, factors), b = Flat(second, factors);
        double data = 0.5 * a.DotProduct(byData.Solve(b)), model = 0.5 * a.DotProduct(byModel.Solve(b));
        Assert.IsTrue(data > 0 && model > 0 && Math.Abs(Math.Log(data / model)) > 0.1, $"{data}, {model}");
        double expected = Math.Sqrt(data * model);
        Assert.AreEqual(expected, factors.HalfDecrement(first, second, Rows, 2 * Rows), 1e-10 * expected);
        Assert.AreEqual(expected, factors.HalfDecrement(second, first, Rows, 2 * Rows), 1e-10 * expected);
        Assert.AreEqual(-expected, factors.HalfDecrement(first, Array.ConvertAll(second, g => -g), Rows, 2 * Rows), 1e-10 * expected);
    }

    /// <summary>Two estimates of a gradient that is 0: over many draws the gain has no floor.</summary>
    [TestMethod]
    public void OfNoiseAlone_TheGainHasMeanZero()
    {
        (KroneckerFactors factors, double[] first, double[] second, _, _) = Layer();
        RandomStream random = new(9, RandomPurpose.Generation);
        double sum = 0, squares = 0;
        const int draws = 2000;
        for (int i = 0; i < draws; i++)
        {
            random.FillGaussian(first);
            random.FillGaussian(second);
            double gain = factors.HalfDecrement(first, second, Rows, 2 * Rows);
            sum += gain;
            squares += gain * gain;
        }

        Assert.IsLessThan(4 * Math.Sqrt(squares), Math.Abs(sum));
    }

    [TestMethod]
    public void Step_SolvesTheDenseSystem()
    {
        (KroneckerFactors factors, double[] first, _, Dense fisher, _) = Layer();
        Column expected = fisher.Solve(Flat(first, factors));
        double[] step = new double[first.Length];
        factors.Step(first, step, Rows);
        Assert.AreEqual(0, (expected - Flat(step, factors)).L2Norm(), 1e-9 * expected.L2Norm());
    }

    [TestMethod]
    public void WithoutAnyGradient_ThereIsNothingToGain_AndBeyondTheArithmeticThereIsNoNumber()
    {
        (ParameterLayout layout, KroneckerFactors factors) = Empty();
        double[] gradient = new double[layout.Length];
        Assert.AreEqual(0, factors.HalfDecrement(gradient, gradient, 1, 1));
        MatrixView<double> huge = new Matrix<double>(1, Out);
        huge[0].Fill(1e200);
        factors.Add(new Matrix<double>(1, In), huge, areDrawn: false, new CurvatureScratch<double>());
        Assert.IsTrue(double.IsNaN(factors.HalfDecrement(gradient, gradient, 1, 1)));
    }

    private static (ParameterLayout Layout, KroneckerFactors Factors) Empty()
    {
        ParameterLayout layout = new();
        ParameterTensor weights = layout.Add("layer.weight", In, Out), bias = layout.Add("layer.bias", 1, Out);
        return (layout, new KroneckerFactors(weights, bias));
    }

    private static (KroneckerFactors Factors, double[] First, double[] Second, Dense ByData, Dense ByModel) Layer()
    {
        (ParameterLayout layout, KroneckerFactors factors) = Empty();
        RandomStream random = new(5, RandomPurpose.Generation);
        MatrixView<double> input = Gaussian(random, Rows, In), output = Gaussian(random, Rows, Out), drawn = Gaussian(random, 2 * Rows, Out);
        foreach (ref double entry in drawn.Entries)
        {
            entry *= 3;
        }

        // In two blocks, merged.
        KroneckerFactors other = new(factors.Weights, factors.Bias);
        CurvatureScratch<double> scratch = new();
        factors.Add(input.Slice(0, 5), output.Slice(0, 5), areDrawn: false, scratch);
        factors.Add(default, drawn.Slice(0, Rows), areDrawn: true, scratch);
        other.Add(input.Slice(5, Rows - 5), output.Slice(5, Rows - 5), areDrawn: false, scratch);
        other.Add(default, drawn.Slice(Rows, Rows), areDrawn: true, scratch);
        factors.Merge(other);
        Dense x = Dense.Build.Dense(Rows, In + 1, (i, j) => j < In ? input[i][j] : 1);
        Dense g = Dense.Build.Dense(Rows, Out, (i, j) => output[i][j]), h = Dense.Build.Dense(2 * Rows, Out, (i, j) => drawn[i][j]);
        double[] first = new double[layout.Length], second = new double[layout.Length];
        random.FillGaussian(first);
        random.FillGaussian(second);
        for (int i = 0; i < first.Length; i++)
        {
            second[i] = first[i] + (0.1 * second[i]);
        }

        return (factors, first, second, Damped(x).KroneckerProduct(Damped(g)), Damped(x).KroneckerProduct(Damped(h)));
    }

    private static Dense Damped(Dense lines)
    {
        Dense mean = lines.TransposeThisAndMultiply(lines) / lines.RowCount;
        return mean + (Dense.Build.DenseIdentity(mean.RowCount) * (0.001 * mean.Trace() / mean.RowCount));
    }

    /// <summary>Input by input, the bias last: the order of the Kronecker product.</summary>
    private static Column Flat(double[] values, KroneckerFactors factors) => Column.Build.Dense(
        (In + 1) * Out,
        i => values[i / Out < In ? factors.Weights!.Offset + (i / Out * factors.Weights.Stride) + (i % Out) : factors.Bias!.Offset + (i % Out)]);

    private static MatrixView<double> Gaussian(RandomStream random, int rows, int columns)
    {
        MatrixView<double> matrix = new Matrix<double>(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            random.FillGaussian(matrix[row]);
        }

        return matrix;
    }
}
