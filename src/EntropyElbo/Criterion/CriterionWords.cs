using System.Globalization;

namespace EntropyElbo.Criterion;

/// <summary>What the criterion found, in words.</summary>
internal static class CriterionWords
{
    private const int Shown = 8;

    /// <summary>A line for each thing to say.</summary>
    /// <param name="result">The parts.</param>
    /// <param name="model">What was asked about.</param>
    /// <param name="worst">Where part B is missed most.</param>
    public static string Explain(CriterionResult result, GenerativeParameterization model, (int Equation, int Value) worst)
    {
        List<string> lines =
        [
            result.Holds
                ? "The parameterization criterion holds at these parameter values."
                : "The parameterization criterion does not hold.",
            Line("A (prior): zeta(Psi) = J alpha", result.Prior, null),
        ];
        if (result.Symmetry is { } symmetry)
        {
            lines.Add(Line(
                "S (the prior's scale moves into Theta)",
                symmetry,
                model.Layers.Count > 0 ? model.Layers[^1].Names : model.ObservableNames));
            lines.Add(
                "S needs an encoder that can scale its means and deviations freely: linear heads, with no activation, weight decay or "
                    + "active clamp on them.");
        }

        lines.Add(Line("B (observable): eta(z; Theta) = J(z) beta for all z", result.Observable, model.ObservableNames));
        if (!result.Observable.Holds)
        {
            lines.Add(worst.Equation < model.Latents.Count
                ? $"B is missed most by natural parameter {worst.Value} at latent point {worst.Equation}."
                : $"B is missed most by the base measure of row {worst.Value}, which moves with beta.");
        }

        if (result.Observable.Holds && result.Observable.IsSaturated)
        {
            lines.Add(
                "B has as many equations as the Jacobian's rank, so any map would pass: this counts only if the latent points are all "
                    + "there are; else give more of them.");
        }

        for (int layer = 0; layer < result.Layers.Count; layer++)
        {
            lines.Add(Line($"B (layer {layer + 1}): eta(z; Theta) = J(z) beta for all z", result.Layers[layer], model.Layers[layer].Names));
        }

        if (result.UsesBaseMeasure)
        {
            lines.Add("The sum is one of pseudo entropies, with the mean of the log base measure added.");
        }

        if (result.Parts.Max(p => p.JacobianError) > result.Tolerance)
        {
            lines.Add(
                "The Jacobian by differences is less exact than the tolerance: give the Jacobian, or scale the parameters to order 1.");
        }

        return string.Join(Environment.NewLine, lines);
    }

    private static string Line(string what, CriterionPart part, IReadOnlyList<string>? names)
    {
        IEnumerable<string> coefficients = part.Coefficients.Take(Shown).Select((c, i) => string.Create(
            CultureInfo.InvariantCulture, $"{(names is null ? string.Empty : names[part.Subset[i]] + " ")}{c:G6}"));
        string tail = part.Coefficients.Count > Shown ? ", ..." : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {(part.Holds ? "holds" : "fails")}, relative residual {part.RelativeResidual:G3}, {part.Equations} equations, "
                + $"{part.Coefficients.Count} parameters, rank {part.Rank}; coefficients [{string.Join(", ", coefficients)}{tail}]");
    }
}
