using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>
/// One conditional of a sigmoid belief net, <c>y_d ~ Bern(sigmoid(sum_h W_dh z_h + mu_d))</c> (LW eq. 78, 87, 88), or, without
/// inputs, the prior, <c>y_h ~ Bern(pi_h)</c> with <c>mu_h = log(pi_h / (1 - pi_h))</c> (LW eq. 86; the natural parameter of LW
/// eq. 81 is misprinted). Parameters lie transposed, [inputs + 1, outputs], the last row mu.
/// </summary>
internal sealed class BeliefLayer
{
    /// <summary>Entries of mu's row behind the last output: their softplus is 0, so that sums may run over whole vectors.</summary>
    public const double Padding = -700;

    public BeliefLayer(int inputs, int outputs)
    {
        Inputs = inputs;
        Outputs = outputs;
        Parameters = new Matrix<double>(inputs + 1, outputs);
        Row(inputs)[outputs..].Fill(Padding);
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Entries of a row with its padding, a multiple of 16.</summary>
    public int Stride => Parameters.Stride;

    /// <summary>[inputs + 1, outputs], padded.</summary>
    public MatrixView<double> Parameters { get; }

    /// <summary>mu.</summary>
    public Span<double> Bias => Parameters[Inputs];

    /// <summary>Number of free parameters.</summary>
    public int Count => ArraySize.Of(Inputs + 1L, Outputs);

    /// <summary>Weights of one input to all outputs; mu for <see cref="Inputs"/>; with the padding.</summary>
    public Span<double> Row(int input) => Parameters.PaddedRow(input);

    public BeliefLayer Clone()
    {
        BeliefLayer copy = new(Inputs, Outputs);
        Parameters.Entries.CopyTo(copy.Parameters.Entries);
        return copy;
    }

    /// <summary>The parameters without padding, [inputs + 1, outputs].</summary>
    public double[] ToArray()
    {
        double[] values = new double[Count];
        for (int row = 0; row <= Inputs; row++)
        {
            Parameters[row].CopyTo(values.AsSpan(row * Outputs));
        }

        return values;
    }

    /// <summary>Takes parameters as <see cref="ToArray"/> gives them.</summary>
    public void Set(ReadOnlySpan<double> values)
    {
        for (int row = 0; row <= Inputs; row++)
        {
            values.Slice(row * Outputs, Outputs).CopyTo(Parameters[row]);
        }
    }
}
