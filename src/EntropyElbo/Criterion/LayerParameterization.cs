namespace EntropyElbo.Criterion;

/// <summary>
/// A conditional between two layers of latents of a deep model, <c>p(z^(l) | z^(l+1))</c>, an exponential family with natural parameters
/// <c>eta(z^(l+1); Theta)</c>: part B is asked of each (LW sec. 4, deep belief nets).
/// </summary>
public sealed record LayerParameterization
{
    /// <summary>
    /// eta(z; Theta): a point of the layer above and the parameters in, natural parameters of this layer out, always as many.
    /// </summary>
    public required Func<double[], double[], double[]> Natural { get; init; }

    /// <summary>Theta: the values of this layer's parameters, one at least.</summary>
    public required IReadOnlyList<double> Parameters { get; init; }

    /// <summary>Points of the layer above.</summary>
    public required IReadOnlyList<double[]> Latents { get; init; }

    /// <summary>Indices into <see cref="Parameters"/> of the subset to use, or null for all.</summary>
    public IReadOnlyList<int>? Subset { get; init; }

    /// <summary>Names of the parameters, for explanations, or null.</summary>
    public IReadOnlyList<string>? Names { get; init; }
}
