using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed class CholeskyTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(33)]
    public void FactorsInvertsAndSolvesLikeMathNet(int n)
    {
        RandomStream random = new(5, RandomPurpose.Generation, (ulong)n);
        var root = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(n, n, (_, _) => random.NextGaussian());
        var matrix = (root * root.Transpose()) + MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.DenseIdentity(n);
        double[] factor = matrix.ToRowMajorArray();
        double[] inverse = new double[n * n];
        double[] x = new double[n];
        random.FillGaussian(x);
        var solution = matrix.Solve(MathNet.Numerics.LinearAlgebra.Vector<double>.Build.DenseOfArray(x));

        Assert.IsTrue(Cholesky.TryFactor(factor, n, out int badPivot));
        Assert.AreEqual(-1, badPivot);
        Cholesky.Inverse(factor, n, inverse);
        Cholesky.SolveLower(factor, n, x);
        Cholesky.SolveTransposed(factor, n, x);

        Assert.AreEqual(Math.Log(matrix.Determinant()), Cholesky.LogDeterminant(factor, n), 1e-10);
        double[] expected = matrix.Inverse().ToRowMajorArray();
        for (int i = 0; i < n * n; i++)
        {
            Assert.AreEqual(expected[i], inverse[i], 1e-11);
        }

        for (int i = 0; i < n; i++)
        {
            Assert.AreEqual(solution[i], x[i], 1e-11);
        }
    }

    [TestMethod]
    [DataRow(new[] { 1.0, 0, 0, 0 }, 1)]
    [DataRow(new[] { -1.0, 0, 0, 1 }, 0)]
    [DataRow(new[] { 1.0, 2, 2, 1 }, 1)]
    [DataRow(new[] { 3.0, 1, 1, 1.0 / 3 }, 1)]
    [DataRow(new[] { 1.0, double.NaN, double.NaN, 1 }, 1)]
    [DataRow(new[] { double.PositiveInfinity, 0, 0, 1 }, 0)]
    public void NamesTheRowThatIsNotPositiveDefinite(double[] matrix, int row)
    {
        Assert.IsFalse(Cholesky.TryFactor((double[])matrix.Clone(), 2, out int badPivot));
        Assert.AreEqual(row, badPivot);
    }
}
