namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Where means and covariances lie in the statistics and parameters of Gaussian components: sums (means) of every component, then
/// the D x D scatter (covariance) matrices, one a component or one for all.
/// </summary>
/// <param name="Components">K.</param>
/// <param name="Columns">D.</param>
internal readonly record struct GaussianPlaces(int Components, int Columns)
{
    /// <summary>A component's sums, or its mean.</summary>
    public Range Sums(int component) => Of(component * Columns, Columns);

    /// <summary>A component's scatter, or its covariance; the first is the only one where all share it.</summary>
    public Range Scatter(int component) => Of((Components + (component * Columns)) * Columns, Columns * Columns);

    private static Range Of(int start, int length) => start..(start + length);
}
