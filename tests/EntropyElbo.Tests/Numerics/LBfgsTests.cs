using EntropyElbo.Training;
using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>Minima and evaluation counts beside scipy's L-BFGS-B: Reference/lbfgs.py prints them.</summary>
[TestClass]
public sealed class LBfgsTests
{
    [TestMethod]
    [DataRow("rosenbrock-2", 0.0, 46)]
    [DataRow("rosenbrock-100", 0.0, 642)]
    [DataRow("logistic-20", 138.567151454627, 10)]
    [DataRow("quartic-50", 24.5098507324003, 52)]
    public void Minimum_IsScipys_InNotManyMoreEvaluations(string name, double minimum, int evaluations)
    {
        (IDifferentiable function, double[] start) = Case(name);
        LBfgs optimizer = Started(function, start);
        while (optimizer.Value > minimum + (1e-12 * Math.Max(1, minimum)) && optimizer.Step(function))
        {
        }

        Assert.AreEqual(minimum, optimizer.Value, 2e-12 * Math.Max(1, minimum));
        Assert.IsLessThanOrEqualTo((2 * evaluations) + 10, optimizer.Evaluations);
    }

    [TestMethod]
    [DataRow("rosenbrock-2", 1.0, 1.0)]
    [DataRow("rosenbrock-100", 1.0, 1.0)]
    [DataRow("logistic-20", 0.00288386100037, 0.00462490869455)]
    [DataRow("quartic-50", 1.01978674723, 1.0194278516)]
    public void RunsUntilNothingIsLower_AndStaysThere(string name, double first, double last)
    {
        (IDifferentiable function, double[] start) = Case(name);
        LBfgs optimizer = Started(function, start);
        double previous = optimizer.Value;
        int steps = 0;
        while (optimizer.Step(function))
        {
            Assert.IsLessThanOrEqualTo(previous, optimizer.Value);
            previous = optimizer.Value;
            Assert.IsLessThan(5000, ++steps);
        }

        Assert.AreEqual(first, optimizer.Point[0], 2e-7);
        Assert.AreEqual(last, optimizer.Point[^1], 2e-7);
        double[] stay = optimizer.Point.ToArray();
        Assert.IsFalse(optimizer.Step(function));
        CollectionAssert.AreEqual(stay, optimizer.Point.ToArray());
        double[] gradient = new double[stay.Length];
        Assert.AreEqual(function.Evaluate(stay, gradient), optimizer.Value);
        CollectionAssert.AreEqual(gradient, optimizer.Gradient.ToArray());
    }

    [TestMethod]
    public void EveryStepMeetsTheStrongWolfeConditions()
    {
        (IDifferentiable function, double[] start) = Case("rosenbrock-100");
        LBfgs optimizer = Started(function, start);
        for (int i = 0; i < 200; i++)
        {
            double[] point = optimizer.Point.ToArray();
            double[] gradient = optimizer.Gradient.ToArray();
            double value = optimizer.Value;
            Assert.IsTrue(optimizer.Step(function));
            double before = 0, after = 0;
            for (int d = 0; d < point.Length; d++)
            {
                double moved = optimizer.Point[d] - point[d];
                before += gradient[d] * moved;
                after += optimizer.Gradient[d] * moved;
            }

            Assert.IsLessThan(0, before);
            Assert.IsLessThanOrEqualTo(value + (WolfeLineSearch.DecreaseShare * before) + (1e-12 * value), optimizer.Value);
            Assert.IsLessThanOrEqualTo((-WolfeLineSearch.CurvatureShare * before) + (1e-9 * Math.Abs(before)), Math.Abs(after));
        }
    }

    [TestMethod]
    public void Quadratic_OfAsManyVariablesAsPairs_EndsInAFewSteps()
    {
        double[] scales = [1e-3, 1, 7, 50, 1e3];
        Function quadratic = new(5, (x, g) =>
        {
            double value = 0;
            for (int i = 0; i < x.Length; i++)
            {
                g[i] = scales[i] * (x[i] - i);
                value += 0.5 * g[i] * (x[i] - i);
            }

            return value;
        });
        LBfgs optimizer = Started(quadratic, [3, 3, 3, 3, 3]);
        for (int i = 0; i < 60 && optimizer.Step(quadratic); i++)
        {
        }

        for (int i = 0; i < 5; i++)
        {
            Assert.AreEqual(i, optimizer.Point[i], 1e-5, $"variable {i}");
        }
    }

    [TestMethod]
    public void ValuesOutsideTheDomain_AreSteppedAround()
    {
        // 100 (x - log x): no value at or below 0, minimum at 1.
        Function barrier = new(1, (x, g) =>
        {
            g[0] = 100 - (100 / x[0]);
            return x[0] > 0 ? 100 * (x[0] - Math.Log(x[0])) : double.NaN;
        });
        LBfgs optimizer = Started(barrier, [20]);
        while (optimizer.Step(barrier))
        {
        }

        Assert.AreEqual(1, optimizer.Point[0], 1e-7);
        Assert.ThrowsExactly<TrainingException>(() => Started(barrier, [-1]));
    }

    [TestMethod]
    public void ResumedFromARecord_TakesTheSameStepsToTheBit()
    {
        (IDifferentiable function, double[] start) = Case("rosenbrock-100");
        LBfgs whole = Started(function, start);
        LBfgs part = Started(function, start);
        Repeat(() => whole.Step(function), 60);
        Repeat(() => part.Step(function), 23);
        ModelRecord record = new("checkpoint", 1);
        OptimiserStates.Write(record, part.Save());
        LBfgs resumed = new(100);
        OptimiserStates.Read(ModelFile.FromBytes(ModelFile.ToBytes(record), "checkpoint"), resumed);
        Repeat(() => resumed.Step(function), 37);
        CollectionAssert.AreEqual(whole.Point.ToArray(), resumed.Point.ToArray());
        Assert.AreEqual(whole.Value, resumed.Value);
        Assert.AreEqual(whole.Iterations, resumed.Iterations);
        Assert.AreEqual(whole.Evaluations, resumed.Evaluations);
        Assert.ThrowsExactly<ModelFileException>(() => OptimiserStates.Read(record, new LBfgs(100, 5)));
        Assert.ThrowsExactly<ModelFileException>(() => OptimiserStates.Read(record, new LBfgs(99)));
    }

    [TestMethod]
    public void Steps_AllocateNothing_OnceTheHistoryIsFull()
    {
        (IDifferentiable function, double[] start) = Case("rosenbrock-100");
        LBfgs optimizer = Started(function, start);
        Repeat(() => optimizer.Step(function), 30);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            optimizer.Step(function);
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    [DataRow("rosenbrock-100")]
    [DataRow("logistic-20")]
    [DataRow("quartic-50")]
    public void TestFunctions_HaveTheGradientsTheyClaim(string name)
    {
        (IDifferentiable function, double[] start) = Case(name);
        double[] gradient = new double[start.Length];
        double[] unused = new double[start.Length];
        function.Evaluate(start, gradient);
        for (int i = 0; i < start.Length; i += 7)
        {
            double[] up = [.. start];
            double[] down = [.. start];
            up[i] += 1e-5;
            down[i] -= 1e-5;
            double slope = (function.Evaluate(up, unused) - function.Evaluate(down, unused)) / 2e-5;
            Assert.AreEqual(slope, gradient[i], 1e-5 * Math.Max(1, Math.Abs(slope)));
        }
    }

    private static LBfgs Started(IDifferentiable function, double[] start)
    {
        LBfgs optimizer = new(start.Length);
        start.CopyTo(optimizer.Point);
        optimizer.Start(function);
        return optimizer;
    }

    private static void Repeat(Func<bool> step, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.IsTrue(step());
        }
    }

    private static (IDifferentiable Function, double[] Start) Case(string name) => name switch
    {
        "rosenbrock-2" => (new Function(2, Rosenbrock), [-1.2, 1.0]),
        "rosenbrock-100" => (new Function(100, Rosenbrock), [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? -1.2 : 1.0)]),
        "logistic-20" => (new Function(20, Logistic), new double[20]),
        _ => (new Function(50, Quartic), new double[50]),
    };

    private static double Rosenbrock(ReadOnlySpan<double> x, Span<double> gradient)
    {
        gradient.Clear();
        double value = 0;
        for (int i = 0; i + 1 < x.Length; i++)
        {
            double a = x[i + 1] - (x[i] * x[i]);
            double b = 1 - x[i];
            value += (100 * a * a) + (b * b);
            gradient[i] += (-400 * x[i] * a) - (2 * b);
            gradient[i + 1] += 200 * a;
        }

        return value;
    }

    private static double Logistic(ReadOnlySpan<double> x, Span<double> gradient)
    {
        double value = 0;
        for (int d = 0; d < x.Length; d++)
        {
            value += x[d] * x[d] / 200;
            gradient[d] = x[d] / 100;
        }

        double[] row = new double[x.Length];
        for (int i = 1; i <= 200; i++)
        {
            double score = 0;
            for (int d = 0; d < x.Length; d++)
            {
                row[d] = Math.Sin(i * (d + 1)) + (0.1 * Math.Cos(i));
                score += row[d] * x[d];
            }

            double label = (i - 1) % 3 == 0 ? 1 : -1;
            double margin = -label * score;
            value += Math.Max(0, margin) + double.LogP1(Math.Exp(-Math.Abs(margin)));
            for (int d = 0; d < x.Length; d++)
            {
                gradient[d] -= label * row[d] / (1 + Math.Exp(-margin));
            }
        }

        return value;
    }

    private static double Quartic(ReadOnlySpan<double> x, Span<double> gradient)
    {
        double total = -x.Length;
        foreach (double value in x)
        {
            total += value;
        }

        double sum = total * total / 2;
        for (int i = 0; i < x.Length; i++)
        {
            double from1 = x[i] - 1;
            double from2 = x[i] - 2;
            sum += ((i + 1) * Math.Pow(from1, 4) / 4) + (0.5 * from2 * from2);
            gradient[i] = ((i + 1) * Math.Pow(from1, 3)) + total + from2;
        }

        return sum;
    }

    private delegate double Evaluation(ReadOnlySpan<double> point, Span<double> gradient);

    private sealed class Function(int dimension, Evaluation evaluation) : IDifferentiable
    {
        public int Dimension => dimension;

        public double Evaluate(ReadOnlySpan<double> point, Span<double> gradient) => evaluation(point, gradient);
    }
}
