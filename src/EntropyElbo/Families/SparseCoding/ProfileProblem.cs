using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The profile of the Gaussian model, whose ELBO and gradients follow from sums over rows.</summary>
internal sealed class ProfileProblem(
    SparseCodingOptions options, SparseCodingColumns columns, SparseCodingPass pass, bool isShared)
    : ProfileVariables(options.Latents, UnitsOf(options, columns), isShared)
{
    private readonly MatrixView<double> _gradients = new Matrix<double>(options.Latents, columns.Count);

    /// <summary>The ELBO's parts at the latest point.</summary>
    public SparseCodingObjective Objective { get; private set; } = null!;

    /// <summary>The units of a fit's variables.</summary>
    public static ProfileUnits UnitsOf(SparseCodingOptions options, SparseCodingColumns columns) =>
        new(columns.Means, columns.Unit, SparseCodingFloors.Of(options, columns), options.Centre, HasNoise: true);

    /// <inheritdoc/>
    public override double Evaluate(ReadOnlySpan<double> point, Span<double> gradient)
    {
        SparseCodingParameters parameters = At(point);
        if (!parameters.IsFinite)
        {
            return double.NaN;
        }

        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = options.InnerTolerance };
        SparseCodingSums sums = pass.Run(parameters, model, Cancellation);
        Objective = new SparseCodingObjective(parameters, sums);
        Values = Objective.Values();
        Objective.FieldGradients(1, _gradients);
        FillGradient(parameters, _gradients, Objective.Sizes, Objective.NoiseResidual, gradient);
        if (MeanPart(gradient) is { Length: > 0 } means)
        {
            Objective.MeanGradient(1, means);
            ScaleMeans(means);
        }

        return -Objective.Elbo;
    }
}
