using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Amortised;

/// <summary>
/// The network of V Fig. 6 and 7: a linear layer from D to 2D; two blocks <c>y + [rectifier, 2D to 3D, rectifier, 3D to 2D](y)</c>;
/// and one linear layer with the heads side by side, H outputs each: mean, scale, and the columns of V. It owns no parameters, only
/// their places.
/// </summary>
internal sealed class ResidualEncoder
{
    private const int BlockCount = 2;

    /// <summary>Registers the parameters.</summary>
    /// <exception cref="BadOptionException">The network would be larger than memory or files hold.</exception>
    public ResidualEncoder(int columns, int latents, int rank)
    {
        (Columns, Latents, Rank) = (columns, latents, rank);
        Width = 2 * columns;
        InnerWidth = 3 * columns;
        if (EntriesOf(columns, Outputs) > ParameterLayout.MostEntries)
        {
            throw new BadOptionException(
                "learning", $"The network for {columns} columns and {latents} latents would have more than {ParameterLayout.MostEntries} "
                    + "parameters; use fewer columns (smaller patches), or learn by E-steps.");
        }

        Input = Add("input", columns, Width, 1);
        Blocks = [.. Enumerable.Range(0, BlockCount)
            .Select(b => (Add($"block.{b}.0", Width, InnerWidth, 0), Add($"block.{b}.1", InnerWidth, Width, 1)))];
        Heads = Add("heads", Width, Outputs, 1);
    }

    /// <summary>D.</summary>
    public int Columns { get; }

    /// <summary>H.</summary>
    public int Latents { get; }

    /// <summary>r; 0 for diagonal covariances.</summary>
    public int Rank { get; }

    /// <summary>2D.</summary>
    public int Width { get; }

    /// <summary>3D.</summary>
    public int InnerWidth { get; }

    /// <summary>H (2 + r).</summary>
    public int Outputs => Latents * (2 + Rank);

    /// <summary>Where the parameters lie.</summary>
    public ParameterLayout Layout { get; } = new();

    public Dense Input { get; }

    public IReadOnlyList<(Dense Up, Dense Down)> Blocks { get; }

    public Dense Heads { get; }

    /// <summary>All layers, from the rows to the heads.</summary>
    public IReadOnlyList<Dense> Layers => [Input, .. Blocks.SelectMany(b => (Dense[])[b.Up, b.Down]), Heads];

    /// <summary>Weights of the deviation that a framework's uniform default has, <c>1 / sqrt(3 in)</c>; zero biases.</summary>
    public void Initialise(Span<float> parameters, RandomStream random)
    {
        foreach (Dense layer in Layers)
        {
            layer.Weights.FillNormal(parameters, 1 / Math.Sqrt(3.0 * layer.Weights.Rows), random);
        }
    }

    /// <summary>Takes the heads to latents in another order, of which some have the other sign.</summary>
    /// <param name="parameters">The parameters; changed.</param>
    /// <param name="order">The latent that comes to each place.</param>
    /// <param name="signs">1 or -1 for each place.</param>
    public void Reorder(Span<float> parameters, ReadOnlySpan<int> order, ReadOnlySpan<float> signs)
    {
        float[] before = new float[Outputs];
        foreach (ParameterTensor tensor in (ReadOnlySpan<ParameterTensor>)[Heads.Weights, Heads.Bias])
        {
            for (int row = 0; row < tensor.Rows; row++)
            {
                Span<float> values = parameters.Slice(tensor.Offset + (row * tensor.Stride), Outputs);
                values.CopyTo(before);
                for (int place = 0; place < Outputs; place++)
                {
                    (int head, int latent) = Math.DivRem(place, Latents);
                    values[place] = before[(head * Latents) + order[latent]] * (head == 1 ? 1 : signs[latent]);
                }
            }
        }
    }

    private Dense Add(string name, int inputs, int outputs, double slope) => new(
        Layout.Add($"encoder.{name}.weight", inputs, outputs), Layout.Add($"encoder.{name}.bias", 1, outputs), slope);

    /// <summary>A little more than the entries, padding included.</summary>
    private static double EntriesOf(int columns, int outputs)
    {
        const double padding = 16;
        double width = (2.0 * columns) + padding, inner = (3.0 * columns) + padding;
        return ((columns + 1) * width) + (2 * BlockCount * (width + 1) * (inner + 1)) + ((width + 1) * (outputs + padding));
    }
}
