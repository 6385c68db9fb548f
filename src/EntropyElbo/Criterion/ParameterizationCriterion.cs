using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace EntropyElbo.Criterion;

/// <summary>
/// The parameterization criterion (LW Def. C), checked by numbers on any model. Where it holds, the ELBO equals a sum of
/// entropies at every stationary point of training (LW Theorem 1); where it fails there is in general a gap that training
/// does not close.
/// </summary>
/// <remarks>
/// Both parts are linear least-squares problems: (A) <c>J alpha = zeta(Psi)</c>; (B) <c>J(z) beta = eta(z; Theta)</c>,
/// stacked over all latent points with one beta. A check speaks for the parameter values given; try several. That the
/// criterion fails is certain, but for rounding; that B holds rests on the latent points given.
/// </remarks>
public static class ParameterizationCriterion
{
    /// <summary>
    /// Default tolerance: far above the error of Jacobians by differences (1e-10 or so for smooth maps), far below the
    /// residuals of models that fail (chosen here).
    /// </summary>
    public const double DefaultTolerance = 1e-6;

    /// <summary>Most entries of a stacked Jacobian: half a gigabyte.</summary>
    private const long MaxEntries = 1L << 26;

    /// <summary>Checks both parts.</summary>
    /// <param name="model">The model's maps, parameter values and latent points.</param>
    /// <param name="tolerance">Largest relative residual that counts as 0; above 0, below 1.</param>
    /// <exception cref="BadOptionException">Something is missing, out of range, of inconsistent length or not finite.</exception>
    public static CriterionResult Check(GenerativeParameterization model, double tolerance = DefaultTolerance)
    {
        ArgumentNullException.ThrowIfNull(model);
        BadOptionException.ThrowUnless(tolerance is > 0 and < 1, "tolerance", $"The tolerance is {tolerance}; it must be above 0 and below 1.");
        BadOptionException.ThrowUnless(model.Latents.Count > 0, "latents", "There are no latent points; give one at least.");
        double[] psi = Finite(model.PriorParameters, "prior parameters");
        double[] theta = Finite(model.ObservableParameters, "parameters of the observable distribution");
        int[] subset = Subset(model, theta.Length);
        BadOptionException.ThrowUnless(
            model.ObservableNames is null || model.ObservableNames.Count == theta.Length,
            "names",
            $"There are {model.ObservableNames?.Count} names for {theta.Length} parameters.");
        Stack prior = new([.. Enumerable.Range(0, psi.Length)], [model.Prior], [model.PriorJacobian], psi);
        Stack observable = new(
            subset,
            [.. model.Latents.Select(z => (Func<double[], double[]>)(t => model.Observable([.. z], t)))],
            [.. model.Latents.Select(z => model.ObservableJacobian is null ? null : (Func<double[], double[,]>)(t => model.ObservableJacobian([.. z], t)))],
            theta);
        CriterionPart a = prior.Solve(tolerance, out _);
        CriterionPart b = observable.Solve(tolerance, out int worst);
        return new CriterionResult
        {
            Prior = a,
            Observable = b,
            Tolerance = tolerance,
            Explanation = CriterionResult.Explain(
                a, b, tolerance, model.ObservableNames, true, worst / observable.Outputs, worst % observable.Outputs),
        };
    }

    private static int[] Subset(GenerativeParameterization model, int parameters)
    {
        int[] subset = model.Subset is null ? [.. Enumerable.Range(0, parameters)] : [.. model.Subset];
        BadOptionException.ThrowUnless(subset.Length > 0, "subset", "The subset of parameters is empty; part B needs one at least (LW Def. C).");
        BadOptionException.ThrowUnless(
            subset.Distinct().Count() == subset.Length && subset.All(i => i >= 0 && i < parameters),
            "subset",
            $"The subset must name different parameters between 0 and {parameters - 1}.");
        return subset;
    }

    private static double[] Finite(IReadOnlyList<double> values, string name)
    {
        BadOptionException.ThrowUnless(values.Count > 0, "parameters", $"There are no {name}; give one at least.");
        BadOptionException.ThrowUnless(values.All(double.IsFinite), "parameters", $"The {name} hold a value that is not finite.");
        return [.. values];
    }

    /// <summary>Some maps of the same parameters, stacked.</summary>
    private sealed class Stack
    {
        private readonly int[] _subset;
        private readonly Matrix<double> _jacobian;
        private readonly Vector<double> _natural;
        private double _error;

        public Stack(int[] subset, Func<double[], double[]>[] maps, Func<double[], double[,]>?[] jacobians, double[] parameters)
        {
            _subset = subset;
            double[] first = maps[0]([.. parameters]);
            Outputs = first.Length;
            BadOptionException.ThrowUnless(Outputs > 0, "parameters", "A map returned no natural parameters.");
            BadOptionException.ThrowUnless((long)maps.Length * Outputs * subset.Length <= MaxEntries, "latents", "The stacked Jacobian would be too large; use fewer latent points or a smaller subset.");
            _jacobian = Matrix<double>.Build.Dense(maps.Length * Outputs, subset.Length);
            _natural = Vector<double>.Build.Dense(maps.Length * Outputs);
            for (int m = 0; m < maps.Length; m++)
            {
                double[] values = maps[m]([.. parameters]);
                BadOptionException.ThrowUnless(values.Length == Outputs, "parameters", $"A map returned {values.Length} natural parameters, before {Outputs}; it must always return as many.");
                BadOptionException.ThrowUnless(Array.TrueForAll(values, double.IsFinite), "parameters", $"A natural parameter is not finite (latent point {m}); choose parameter values inside their range.");
                _natural.SetSubVector(m * Outputs, Outputs, Vector<double>.Build.Dense(values));
                Fill(m, maps[m], jacobians[m], parameters);
            }
        }

        public int Outputs { get; }

        /// <summary>Least squares of least length, by singular values of the Jacobian with columns of unit length.</summary>
        public CriterionPart Solve(double tolerance, out int worst)
        {
            double[] lengths = [.. _jacobian.EnumerateColumns().Select(c => c.L2Norm())];
            Matrix<double> unit = _jacobian.Clone();
            for (int j = 0; j < lengths.Length; j++)
            {
                if (lengths[j] > 0)
                {
                    unit.SetColumn(j, _jacobian.Column(j) / lengths[j]);
                }
            }

            Svd<double> svd = unit.Svd();
            double cut = Math.Max(1e-12, 10 * _error) * svd.S.Maximum();
            Vector<double> coefficients = Vector<double>.Build.Dense(lengths.Length);
            int rank = 0;
            for (int i = 0; i < svd.S.Count && svd.S[i] > cut; i++, rank++)
            {
                coefficients += svd.VT.Row(i) * (svd.U.Column(i).DotProduct(_natural) / svd.S[i]);
            }

            Vector<double> rest = (unit * coefficients) - _natural;
            double length = _natural.L2Norm();
            double residual = length > 0 ? rest.L2Norm() / length : 0;
            worst = rest.AbsoluteMaximumIndex();
            return new CriterionPart
            {
                Holds = residual <= tolerance,
                RelativeResidual = residual,
                Coefficients = [.. coefficients.Select((c, j) => lengths[j] > 0 ? c / lengths[j] : 0)],
                Subset = _subset,
                Equations = _natural.Count,
                Rank = rank,
                JacobianError = _error,
            };
        }

        private void Fill(int m, Func<double[], double[]> map, Func<double[], double[,]>? jacobian, double[] parameters)
        {
            double[,]? given = jacobian?.Invoke([.. parameters]);
            BadOptionException.ThrowUnless(
                given is null || (given.GetLength(0) == Outputs && given.GetLength(1) == parameters.Length),
                "jacobian",
                $"The Jacobian is {given?.GetLength(0)} x {given?.GetLength(1)}; it must be {Outputs} x {parameters.Length}.");
            for (int j = 0; j < _subset.Length; j++)
            {
                if (given is null)
                {
                    (double[] column, double error) = NumericalJacobian.Column(map, parameters, _subset[j], Outputs);
                    _jacobian.SetSubMatrix(m * Outputs, j, Matrix<double>.Build.DenseOfColumnArrays(column));
                    double length = column.Max(Math.Abs);
                    _error = Math.Max(_error, length > 0 ? error / length : 0);
                    continue;
                }

                for (int i = 0; i < Outputs; i++)
                {
                    BadOptionException.ThrowUnless(double.IsFinite(given[i, _subset[j]]), "jacobian", "The Jacobian has an entry that is not finite.");
                    _jacobian[(m * Outputs) + i, j] = given[i, _subset[j]];
                }
            }
        }
    }
}
