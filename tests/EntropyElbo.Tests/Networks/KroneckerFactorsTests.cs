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

    /// <summary>The dense Fisher matrix written out as a Kronecker product, and solved as one system.</summary>
    [TestMethod]
    public void HalfDecrement_IsThatOfTheDenseMatrix()
    {
        (KroneckerFactors factors, double[] first, double[] second, Dense fisher) = Layer();
        Column a = Flat(first, factors), b = Flat(second, factors);
        double expected = 0.5 * a.DotProduct(fisher.Solve(b));
        Assert.AreEqual(expected, factors.HalfDecrement(first, second, Rows), 1e-10 * Math.Abs(expected));
        Assert.AreEqual(expected, factors.HalfDecrement(second, first, Rows), 1e-10 * Math.Abs(expected));
    }

    [TestMethod]
    public void Step_SolvesTheDenseSystem()
    {
        (KroneckerFactors factors, double[] first, _, Dense fisher) = Layer();
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
        Assert.AreEqual(0, factors.HalfDecrement(gradient, gradient, 1));
        MatrixView<double> huge = new Matrix<double>(1, Out);
        huge[0].Fill(1e200);
        factors.Add(new LayerFlow<double>(factors.Weights, factors.Bias, new Matrix<double>(1, In), huge), new CurvatureScratch<double>());
        Assert.IsTrue(double.IsNaN(factors.HalfDecrement(gradient, gradient, 1)));
    }

    private static (ParameterLayout Layout, KroneckerFactors Factors) Empty()
    {
        ParameterLayout layout = new();
        ParameterTensor weights = layout.Add("layer.weight", In, Out), bias = layout.Add("layer.bias", 1, Out);
        return (layout, new KroneckerFactors(weights, bias));
    }

    private static (KroneckerFactors Factors, double[] First, double[] Second, Dense Fisher) Layer()
    {
        (ParameterLayout layout, KroneckerFactors factors) = Empty();
        RandomStream random = new(5, RandomPurpose.Generation);
        MatrixView<double> input = Gaussian(random, Rows, In), output = Gaussian(random, Rows, Out);

        // In two blocks, merged.
        KroneckerFactors other = new(factors.Weights, factors.Bias);
        CurvatureScratch<double> scratch = new();
        factors.Add(new LayerFlow<double>(factors.Weights, factors.Bias, input.Slice(0, 5), output.Slice(0, 5)), scratch);
        other.Add(new LayerFlow<double>(factors.Weights, factors.Bias, input.Slice(5, Rows - 5), output.Slice(5, Rows - 5)), scratch);
        factors.Merge(other);
        Dense x = Dense.Build.Dense(Rows, In + 1, (i, j) => j < In ? input[i][j] : 1);
        Dense g = Dense.Build.Dense(Rows, Out, (i, j) => output[i][j]);
        double[] first = new double[layout.Length], second = new double[layout.Length];
        random.FillGaussian(first);
        random.FillGaussian(second);
        return (factors, first, second, Damped(x).KroneckerProduct(Damped(g)));
    }

    private static Dense Damped(Dense lines)
    {
        Dense mean = lines.TransposeThisAndMultiply(lines) / Rows;
        return mean + (Dense.Build.DenseIdentity(mean.RowCount) * (0.001 * mean.Trace() / mean.RowCount));
    }

    /// <summary>Input by input, the bias last: the order of the Kronecker product.</summary>
    private static Column Flat(double[] values, KroneckerFactors factors) => Column.Build.Dense(
        (In + 1) * Out,
        i => values[i / Out < In ? factors.Weights.Offset + (i / Out * factors.Weights.Stride) + (i % Out) : factors.Bias.Offset + (i % Out)]);

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
