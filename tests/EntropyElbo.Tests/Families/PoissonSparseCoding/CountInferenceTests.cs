using EntropyElbo.Data;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.PoissonSparseCoding;

/// <summary>The E-step of rows of counts, and the gradients that follow from it.</summary>
[TestClass]
public sealed class CountInferenceTests
{
    [TestMethod]
    [DataRow(false, 6, 3)]
    [DataRow(true, 6, 3)]
    [DataRow(false, 3, 5)]
    [DataRow(true, 3, 5)]
    public void TheOptimum_IsThatOfAPlainOptimiser(bool isDiagonal, int columns, int latents)
    {
        SparseCodingParameters parameters = MadeCounts.Random(columns, latents, 3);
        double[] values = MadeCounts.Draw(parameters, 12, 4).ReadAll().Values;
        values[2] = 500; // Far from its rate: Newton's method alone would leap.
        RowBound bound = new(parameters.Fields, parameters.Mean, parameters.Scales, new PoissonTerms()) { Tolerance = 1e-12, MaxEvaluations = 1000 };
        RowSolver solver = new(columns, latents, isDiagonal);
        solver.Use(bound);
        List<int> evaluations = [];
        for (int row = 0; row < 12; row++)
        {
            double[] counts = values[(row * columns)..((row + 1) * columns)];
            evaluations.Add(solver.Infer(counts, isWarm: false));
            double best = new CountBound(parameters, counts, isDiagonal).Best(), found = solver.State.Bound;
            Assert.AreEqual(best, found, 1e-7 * (1 + Math.Abs(best)), $"row {row}");
            Assert.IsGreaterThan(best - (1e-9 * (1 + Math.Abs(best))), found, $"row {row}");
            Assert.IsLessThan(1e-4, solver.State.Gradient.Take(latents).Max(Math.Abs), $"row {row}");
        }

        evaluations.Sort();
        Assert.IsLessThan(30, evaluations[6], string.Join(' ', evaluations));
    }

    /// <summary>A warm start from the optimum is at its end at once, and stays.</summary>
    [TestMethod]
    public void AWarmStart_IsDoneAtOnce()
    {
        SparseCodingParameters parameters = MadeCounts.Random(6, 3, 5);
        double[] counts = MadeCounts.Draw(parameters, 1, 4).ReadAll().Values;
        RowSolver solver = new(6, 3, isDiagonal: false);
        solver.Use(new RowBound(parameters.Fields, parameters.Mean, parameters.Scales, new PoissonTerms()));
        solver.Infer(counts, isWarm: false);
        double bound = solver.State.Bound;
        Assert.IsLessThan(5, solver.Infer(counts, isWarm: true));
        Assert.AreEqual(bound, solver.State.Bound, 1e-9);
    }

    /// <summary>The row's ELBO of one latent by quadrature over q: entropy, prior and Poisson log-probabilities as they are defined.</summary>
    [TestMethod]
    public void TheElboOfARow_IsThatOfItsDefinition()
    {
        SparseCodingParameters parameters = MadeCounts.Random(4, 1, 6);
        PoissonSparseCodingModel model = MadeCounts.Model(parameters, isDiagonal: false);
        double[] counts = [0, 3, 1, 2], mean = new double[1], variance = new double[1], elbo = new double[1], columns = new double[4];
        model.Encode(counts, mean, variance);
        model.RowElbo(counts, elbo);
        model.RowTerms(counts, columns, [], []);
        SparseCodingParameters own = model.Parameters;
        double sum = 0, deviation = Math.Sqrt(variance[0]), step = 1e-3;
        double[] expected = new double[4];
        for (double e = -9 + (step / 2); e < 9; e += step)
        {
            double z = mean[0] + (deviation * e), weight = step * Math.Exp(-0.5 * e * e) / Math.Sqrt(2 * Math.PI), terms = 0;
            for (int d = 0; d < 4; d++)
            {
                double term = DiscreteProbability.LogPoisson(counts[d], own.Mean[d] + (own.Fields[d][0] * z));
                expected[d] += weight * term;
                terms += term;
            }

            double logQ = (-0.5 * e * e) - Math.Log(deviation * Math.Sqrt(2 * Math.PI));
            sum += weight * (terms - Math.Log(2 * own.Scales[0]) - (Math.Abs(z) / own.Scales[0]) - logQ);
        }

        Assert.AreEqual(sum, elbo[0], 1e-5);
        for (int d = 0; d < 4; d++)
        {
            Assert.AreEqual(expected[d], columns[d], 1e-5);
        }
    }

    /// <summary>The profile's gradient is that of its value, every q at its optimum.</summary>
    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    public void TheProfile_HasTheGradientOfItsValue(bool isDiagonal, bool isShared)
    {
        SparseCodingParameters parameters = MadeCounts.Random(5, 3, 8);
        double[] values = MadeCounts.Draw(parameters, 30, 9).ReadAll().Values;
        using RowPass pass = new(new SparseCodingTable(values, 5), 3, isDiagonal, 1);
        ProfileUnits units = new(new double[5], 1, new SparseCodingFloors(0, 1e-3), Centre: true, HasNoise: false);
        RowProblem problem = new(3, units, pass, _ => new PoissonTerms(), -0.25, 1e-13, isShared);
        double[] point = new double[problem.Dimension], gradient = new double[point.Length], other = new double[point.Length];
        problem.Write(parameters, point);
        problem.Evaluate(point, gradient);
        double gap = problem.Values.EntropySum - problem.Values.PriorResidual - problem.Values.NoiseResidual;
        Assert.AreEqual(problem.Values.Elbo, gap, 1e-10);
        for (int i = 0; i < point.Length; i++)
        {
            double at = point[i];
            point[i] = at + 1e-4;
            double up = problem.Evaluate(point, other);
            point[i] = at - 1e-4;
            double down = problem.Evaluate(point, other);
            point[i] = at;
            Assert.AreEqual((up - down) / 2e-4, gradient[i], 1e-6, $"variable {i}");
        }

        Assert.IsGreaterThan(0.01, gradient.Max(Math.Abs), "away from a stationary point");
    }
}
