namespace EntropyElbo.Networks;

/// <summary>
/// The Fisher matrix of a layer: that of its product, and of a bias which is not the product's own. That is a transposed convolution's:
/// its product gives windows, and its bias belongs to the pixels that they are added up to.
/// </summary>
/// <param name="Product">Weights, and the bias where it is one of the product's outputs.</param>
/// <param name="Bias">A bias by itself, or null.</param>
internal sealed record LayerCurvature(KroneckerFactors Product, KroneckerFactors? Bias = null)
{
    /// <summary>Whether a side keeps its diagonal alone.</summary>
    public bool IsCut => Product.IsCut || Bias is { IsCut: true };

    public void Clear()
    {
        Product.Clear();
        Bias?.Clear();
    }

    public void Merge(LayerCurvature other)
    {
        Product.Merge(other.Product);
        Bias?.Merge(other.Bias!);
    }

    /// <summary>As <see cref="KroneckerFactors.HalfDecrement"/>.</summary>
    public double HalfDecrement(ReadOnlySpan<double> first, ReadOnlySpan<double> second, double rows, double drawn) =>
        Product.HalfDecrement(first, second, rows, drawn) + (Bias?.HalfDecrement(first, second, rows, drawn) ?? 0);

    /// <summary>As <see cref="KroneckerFactors.Step"/>.</summary>
    public void Step(ReadOnlySpan<double> gradient, Span<double> target, double rows)
    {
        Product.Step(gradient, target, rows);
        Bias?.Step(gradient, target, rows);
    }
}
