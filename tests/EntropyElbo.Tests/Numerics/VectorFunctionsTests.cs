using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>Against the C library's double functions, whose error is below one unit in the last place; single precision is measured in its own units.</summary>
[TestClass]
public sealed class VectorFunctionsTests
{
    [TestMethod]
    public void Exponentials_ToTwoUnitsInTheLastPlace()
    {
        foreach (double x in Numbers(-708.39, 709.78).Concat([0, -0.0, 709.7827, -708.3964, 1e-300, -1e-20]))
        {
            Close(Math.Exp(x), VectorFunctions.Exp(Vector512.Create(x))[3], 4.5e-16, $"exp({x:R})");
        }

        foreach (double x in Numbers(-87.3, 88.7).Concat([0, -0.0, 88.7228, -87.3365, 1e-30]))
        {
            Close(Math.Exp((float)x), VectorFunctions.Exp(Vector512.Create((float)x))[3], 2.4e-7, $"exp({(float)x:R}f)");
        }
    }

    [TestMethod]
    public void Logarithms_ToTwoUnitsInTheLastPlace()
    {
        foreach (double e in Numbers(-300, 300).Concat(Numbers(-0.2, 0.2)).Concat(Numbers(-1e-6, 1e-6)))
        {
            double x = Math.Pow(10, e);
            Close(Math.Log(x), VectorFunctions.Log(Vector512.Create(x))[3], 4.5e-16, $"log({x:R})");
        }

        foreach (double e in Numbers(-37, 38).Concat(Numbers(-0.2, 0.2)).Concat(Numbers(-1e-4, 1e-4)))
        {
            float x = (float)Math.Pow(10, e);
            Close(Math.Log(x), VectorFunctions.Log(Vector512.Create(x))[3], 2.4e-7, $"log({x:R}f)");
        }

        Close(Math.Log(5e-324), VectorFunctions.Log(Vector512.Create(5e-324))[0], 4.5e-16, "the least number");
        Close(Math.Log(1e-45f), VectorFunctions.Log(Vector512.Create(1e-45f))[0], 2.4e-7, "the least float");
    }

    [TestMethod]
    public void SpecialNumbers_AreThoseOfMath()
    {
        foreach (double x in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity, 710, 1e300, -746, -1e300, 0, -0.0, 1, -1])
        {
            Assert.AreEqual(Math.Exp(x), VectorFunctions.Exp(Vector512.Create(x))[0], $"exp({x})");
            Assert.AreEqual(MathF.Exp((float)x), VectorFunctions.Exp(Vector512.Create((float)x))[0], x is 1 or -1 ? 1.2e-7f * MathF.Exp((float)x) : 0, $"exp({x}f)");
            if (Math.Abs(x) is not (710 or 746 or 1e300))
            {
                Assert.AreEqual(Math.Log(x), VectorFunctions.Log(Vector512.Create(x))[0], $"log({x})");
                Assert.AreEqual(MathF.Log((float)x), VectorFunctions.Log(Vector512.Create((float)x))[0], $"log({x}f)");
            }
        }
    }

    [TestMethod]
    public void Turns_AreSineAndCosine()
    {
        for (int i = 0; i <= 100_000; i++)
        {
            float u = i / 100_000f;
            (Vector512<float> sine, Vector512<float> cosine) = VectorFunctions.Turn(Vector512.Create(u));
            Assert.AreEqual(Math.Sin(2 * Math.PI * u), sine[5], 2e-7, $"{u}");
            Assert.AreEqual(Math.Cos(2 * Math.PI * u), cosine[5], 2e-7, $"{u}");
        }
    }

    [TestMethod]
    public void Spans_OfAnyLength()
    {
        for (int length = 0; length < 40; length++)
        {
            double[] x = [.. Enumerable.Range(0, length).Select(i => i - 40.5)], e = new double[length], ofNegatives = new double[length];
            VectorFunctions.Exp(x, e);
            VectorFunctions.ExpOfNegatives(x, ofNegatives);
            for (int i = 0; i < length; i++)
            {
                Close(Math.Exp(x[i]), e[i], 4.5e-16, $"{length}, {i}");
                Assert.AreEqual(e[i], ofNegatives[i], $"{length}, {i}");
                Assert.AreEqual(e[i], VectorFunctions.ExpOfNegative(Vector512.Create(x[i]))[6], $"{length}, {i}");
            }
        }
    }

    [TestMethod]
    public void ExponentialsOfNegatives_AreThoseOfMath()
    {
        double[] x = new double[8192], e = new double[8192];
        RandomStream random = new(1, RandomPurpose.Generation);
        for (int i = 0; i < 8192; i++)
        {
            x[i] = i < 4096 ? -708 * random.NextUniform() : -Math.Pow(10, (-18 * random.NextUniform()) + 1);
        }

        double[] special = [0, -0.0, -707.999999, -708, -708.0001, -745, -1e4, -1e300, double.NegativeInfinity, -Math.Log(2) / 2, -Math.Log(2)];
        special.CopyTo(x, 0);
        VectorFunctions.ExpOfNegatives(x, e);
        for (int i = 0; i < 8192; i++)
        {
            double expected = x[i] < -708 ? 0 : Math.Exp(x[i]);
            Assert.AreEqual(expected, e[i], 5e-16 * expected, $"exp({x[i]:R})");
        }

        Assert.AreEqual(1, e[0]);
    }

    private static IEnumerable<double> Numbers(double least, double greatest)
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        for (int i = 0; i < 20_000; i++)
        {
            yield return least + ((greatest - least) * random.NextUniform());
        }
    }

    private static void Close(double expected, double actual, double relative, string name) => Assert.AreEqual(expected, actual, relative * Math.Abs(expected), name);
}
