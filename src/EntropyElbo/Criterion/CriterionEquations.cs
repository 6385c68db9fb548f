using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace EntropyElbo.Criterion;

/// <summary>
/// One map of the parameters: its Jacobian times the coefficients is to give the target, which is the map's own value unless
/// another is named.
/// </summary>
/// <param name="Map">Parameters in, values out, always as many.</param>
/// <param name="Jacobian">[values, parameters], or null to have it taken by differences.</param>
/// <param name="Target">What is to come out, or null for the map's value.</param>
internal sealed record CriterionEquation(Func<double[], double[]> Map, Func<double[], double[,]>? Jacobian = null, double[]? Target = null);

/// <summary>Maps of the same parameters, stacked: one linear least-squares problem for coefficients that all of them share.</summary>
internal sealed class CriterionEquations
{
    /// <summary>Most entries of a stacked Jacobian: half a gigabyte.</summary>
    private const long MaxEntries = 1L << 26;

    private readonly int[] _subset;
    private readonly int[] _starts;
    private readonly Matrix<double> _jacobian;
    private readonly Vector<double> _target;
    private double _error;

    public CriterionEquations(int[] subset, IReadOnlyList<CriterionEquation> equations, double[] parameters)
    {
        _subset = subset;
        _starts = new int[equations.Count + 1];
        double[][] values = new double[equations.Count][];
        for (int m = 0; m < values.Length; m++)
        {
            values[m] = Values(equations[m], m, parameters);
            _starts[m + 1] = _starts[m] + values[m].Length;
            BadOptionException.ThrowUnless(
                (long)_starts[m + 1] * subset.Length <= MaxEntries,
                "latents",
                "The stacked Jacobian would be too large; use fewer latent points or a smaller subset.");
        }

        _jacobian = Matrix<double>.Build.Dense(_starts[^1], subset.Length);
        _target = Vector<double>.Build.Dense(_starts[^1]);
        for (int m = 0; m < values.Length; m++)
        {
            _target.SetSubVector(_starts[m], values[m].Length, Vector<double>.Build.Dense(equations[m].Target ?? values[m]));
            Fill(m, equations[m], parameters);
        }
    }

    /// <summary>Least squares of least length, by singular values of the Jacobian with columns of unit length.</summary>
    /// <param name="tolerance">Largest relative residual that counts as 0.</param>
    /// <param name="worst">Which map, and which of its values, is missed most.</param>
    public CriterionPart Solve(double tolerance, out (int Equation, int Value) worst)
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
            coefficients += svd.VT.Row(i) * (svd.U.Column(i).DotProduct(_target) / svd.S[i]);
        }

        Vector<double> rest = (unit * coefficients) - _target;
        double length = _target.L2Norm();
        double residual = length > 0 ? rest.L2Norm() / length : 0;
        int at = rest.AbsoluteMaximumIndex();
        int equation = Array.FindLastIndex(_starts, s => s <= at);
        worst = (equation, at - _starts[equation]);
        return new CriterionPart
        {
            Holds = residual <= tolerance,
            RelativeResidual = residual,
            Coefficients = [.. coefficients.Select((c, j) => lengths[j] > 0 ? c / lengths[j] : 0)],
            Subset = _subset,
            Equations = _target.Count,
            Rank = rank,
            JacobianError = _error,
        };
    }

    private static double[] Values(CriterionEquation equation, int m, double[] parameters)
    {
        double[] values = equation.Map([.. parameters]);
        BadOptionException.ThrowUnless(values.Length > 0, "parameters", "A map returned no natural parameters.");
        BadOptionException.ThrowUnless(
            Array.TrueForAll(values, double.IsFinite),
            "parameters",
            $"A natural parameter is not finite (latent point {m}); choose parameter values inside their range.");
        return values;
    }

    private void Fill(int m, CriterionEquation equation, double[] parameters)
    {
        int first = _starts[m], outputs = _starts[m + 1] - first;
        double[,]? given = equation.Jacobian?.Invoke([.. parameters]);
        BadOptionException.ThrowUnless(
            given is null || (given.GetLength(0) == outputs && given.GetLength(1) == parameters.Length),
            "jacobian",
            $"The Jacobian is {given?.GetLength(0)} x {given?.GetLength(1)}; it must be {outputs} x {parameters.Length}.");
        for (int j = 0; j < _subset.Length; j++)
        {
            if (given is null)
            {
                (double[] column, double error) = NumericalJacobian.Column(equation.Map, parameters, _subset[j], outputs);
                _jacobian.SetSubMatrix(first, j, Matrix<double>.Build.DenseOfColumnArrays(column));
                double length = column.Max(Math.Abs);
                _error = Math.Max(_error, length > 0 ? error / length : 0);
                continue;
            }

            for (int i = 0; i < outputs; i++)
            {
                BadOptionException.ThrowUnless(
                    double.IsFinite(given[i, _subset[j]]), "jacobian", "The Jacobian has an entry that is not finite.");
                _jacobian[first + i, j] = given[i, _subset[j]];
            }
        }
    }
}
