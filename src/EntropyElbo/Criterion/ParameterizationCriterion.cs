using EntropyElbo.Models;

namespace EntropyElbo.Criterion;

/// <summary>
/// The parameterization criterion (LW Def. C), checked by numbers on any model. Where it holds, the ELBO equals a sum of
/// entropies at every stationary point of training (LW Theorem 1); where it fails there is in general a gap that training
/// does not close.
/// </summary>
/// <remarks>
/// All parts are linear least-squares problems: (A) <c>J alpha = zeta(Psi)</c>; (B) <c>J(z) beta = eta(z; Theta)</c>, stacked over
/// all latent points with one beta, for each layer of a deep model; and where the prior has no parameters of its own, (S) that
/// Theta can undo a change of the latents' scale. A check speaks for the parameter values given; try several. That the criterion
/// fails is certain, but for rounding; that B holds rests on the latent points given. The answer is that of a representation: what
/// is put into the base measure need not be scaled by any parameter.
/// </remarks>
public static class ParameterizationCriterion
{
    /// <summary>
    /// Default tolerance: far above the error of Jacobians by differences (1e-10 or so for smooth maps), far below the
    /// residuals of models that fail (chosen here).
    /// </summary>
    public const double DefaultTolerance = 1e-6;

    /// <summary>Checks all parts.</summary>
    /// <param name="model">The model's maps, parameter values and latent points.</param>
    /// <param name="tolerance">Largest relative residual that counts as 0; above 0, below 1.</param>
    /// <exception cref="BadOptionException">Something is missing, out of range, of inconsistent length or not finite.</exception>
    public static CriterionResult Check(GenerativeParameterization model, double tolerance = DefaultTolerance)
    {
        ArgumentNullException.ThrowIfNull(model);
        BadOptionException.ThrowUnless(
            tolerance is > 0 and < 1, "tolerance", $"The tolerance is {tolerance}; it must be above 0 and below 1.");
        BadOptionException.ThrowUnless(
            model.LogBaseMeasure is null
                || model.Rows.Count > 0, "rows", "There are no rows to evaluate the base measure at; give one at least.");
        double[] psi = Finite(model.PriorParameters, "prior parameters");
        CriterionPart prior = new CriterionEquations(
            [.. Enumerable.Range(0, psi.Length)], [new(model.Prior, model.PriorJacobian)], psi).Solve(tolerance, out _);
        List<CriterionPart> parts = [];
        List<(int Equation, int Value)> worst = [];
        foreach (Conditional conditional in Conditionals(model))
        {
            parts.Add(conditional.Beta(tolerance, out (int Equation, int Value) at));
            worst.Add(at);
        }

        CriterionResult result = new()
        {
            Prior = prior,
            Observable = parts[0],
            Layers = parts[1..],
            Symmetry = model.ScaledLatents is null ? null : Symmetry(model, model.ScaledLatents, prior, tolerance),
            UsesBaseMeasure = model.LogBaseMeasure is not null,
            Tolerance = tolerance,
            Explanation = "",
        };
        return result with { Explanation = CriterionWords.Explain(result, model, worst[0]) };
    }

    /// <summary>
    /// The criterion for a trained model of this library at its own parameters, in each of the representations that its reports
    /// speak of.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tolerance">Largest relative residual that counts as 0; above 0, below 1.</param>
    /// <exception cref="BadOptionException">The tolerance is out of range, or the model's natural parameters are not finite.</exception>
    public static ModelCriterion Of(LatentModel model, double tolerance = DefaultTolerance)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ModelParameterization.Of(model).Check(tolerance);
    }

    /// <summary>The observable distribution, then the layers of latents above it.</summary>
    private static IEnumerable<Conditional> Conditionals(GenerativeParameterization model)
    {
        yield return new Conditional(
            model.Observable, Finite(
                model.ObservableParameters,
                "parameters of the observable distribution"), model.Latents, model.Subset, model.ObservableNames)
        {
            Jacobian = model.ObservableJacobian,
            LogBaseMeasure = model.LogBaseMeasure is { } log ? theta => [.. model.Rows.Select(x => log([.. x], theta))] : null,
        };
        foreach (LayerParameterization layer in model.Layers)
        {
            yield return new Conditional(
                layer.Natural, Finite(layer.Parameters, "parameters of a layer"), layer.Latents, layer.Subset, layer.Names);
        }
    }

    /// <summary>The worst of the prior's scales; those that alpha leaves alone need no neighbour.</summary>
    private static CriterionPart Symmetry(
        GenerativeParameterization model, IReadOnlyList<IReadOnlyList<int>> scaled, CriterionPart prior, double tolerance)
    {
        BadOptionException.ThrowUnless(
            scaled.Count == prior.Coefficients.Count,
            "scaled-latents",
            $"There are {scaled.Count} lists of scaled latents for {prior.Coefficients.Count} prior parameters; give one for each.");
        Conditional below = Conditionals(model).Last();
        return scaled.Select(latents => below.Rescaling(latents, tolerance)).MaxBy(p => p.RelativeResidual)!;
    }

    private static double[] Finite(IReadOnlyList<double> values, string name)
    {
        BadOptionException.ThrowUnless(values.Count > 0, "parameters", $"There are no {name}; give one at least.");
        BadOptionException.ThrowUnless(values.All(double.IsFinite), "parameters", $"The {name} hold a value that is not finite.");
        return [.. values];
    }

    /// <summary>A distribution given latents, of rows or of a layer of latents.</summary>
    private sealed class Conditional
    {
        private readonly Func<double[], double[], double[]> _natural;
        private readonly double[] _parameters;
        private readonly IReadOnlyList<double[]> _points;
        private readonly int[] _subset;

        public Conditional(
            Func<double[],
            double[],
            double[]> natural,
            double[] parameters,
            IReadOnlyList<double[]> points,
            IReadOnlyList<int>? subset,
            IReadOnlyList<string>? names)
        {
            BadOptionException.ThrowUnless(points.Count > 0, "latents", "There are no latent points; give one at least.");
            _natural = natural;
            _parameters = parameters;
            _points = points;
            _subset = subset is null ? [.. Enumerable.Range(0, parameters.Length)] : [.. subset];
            BadOptionException.ThrowUnless(
                _subset.Length > 0, "subset", "The subset of parameters is empty; part B needs one at least (LW Def. C).");
            BadOptionException.ThrowUnless(
                _subset.Distinct().Count() == _subset.Length && _subset.All(i => i >= 0 && i < parameters.Length),
                "subset",
                $"The subset must name different parameters between 0 and {parameters.Length - 1}.");
            BadOptionException.ThrowUnless(
                names is null || names.Count == parameters.Length,
                "names",
                $"There are {names?.Count} names for {parameters.Length} parameters.");
        }

        public Func<double[], double[], double[,]>? Jacobian { get; init; }

        public Func<double[], double[]>? LogBaseMeasure { get; init; }

        /// <summary>Part B. A base measure that depends on parameters must stay what it is along beta.</summary>
        public CriterionPart Beta(double tolerance, out (int Equation, int Value) worst)
        {
            int outputs = _natural([.. _points[0]], [.. _parameters]).Length;
            CriterionEquation[] equations = [.. _points.Select(z => At(z, null)), .. BaseMeasure()];
            foreach (CriterionEquation equation in equations.Take(_points.Count))
            {
                int length = equation.Map([.. _parameters]).Length;
                BadOptionException.ThrowUnless(
                    length == outputs,
                    "parameters",
                    $"A map returned {length} natural parameters, before {outputs}; it must always return as many.");
            }

            return new CriterionEquations(_subset, equations, _parameters).Solve(tolerance, out worst);
        }

        /// <summary>
        /// Part S: some direction of Theta changes eta as a common factor on these latents does, for all z, so that encoder and
        /// Theta together can move the latents' scale while p(x|z) stays what it is.
        /// </summary>
        public CriterionPart Rescaling(IReadOnlyList<int> latents, double tolerance)
        {
            int dimension = _points[0].Length;
            BadOptionException.ThrowUnless(
                latents.Count > 0 && latents.All(h => h >= 0 && h < dimension),
                "scaled-latents",
                $"Scaled latents must be named by indices between 0 and {dimension - 1}.");
            CriterionEquation[] equations = [.. _points.Select(z => At(z, Growth(z, latents))), .. BaseMeasure()];
            return new CriterionEquations([.. Enumerable.Range(0, _parameters.Length)], equations, _parameters).Solve(tolerance, out _);
        }

        private CriterionEquation At(double[] z, double[]? target) => new(
            t => _natural([.. z], t), Jacobian is null ? null : t => Jacobian([.. z], t), target);

        private IEnumerable<CriterionEquation> BaseMeasure()
        {
            if (LogBaseMeasure is not null)
            {
                yield return new CriterionEquation(LogBaseMeasure, null, new double[LogBaseMeasure([.. _parameters]).Length]);
            }
        }

        /// <summary>How eta changes with the logarithm of a factor on some latents.</summary>
        private double[] Growth(double[] z, IReadOnlyList<int> latents)
        {
            double[] Scaled(double[] factor)
            {
                double[] moved = [.. z];
                foreach (int h in latents)
                {
                    moved[h] *= factor[0];
                }

                return _natural(moved, [.. _parameters]);
            }

            return NumericalJacobian.Column(Scaled, [1], 0, Scaled([1]).Length).Derivative;
        }
    }
}
