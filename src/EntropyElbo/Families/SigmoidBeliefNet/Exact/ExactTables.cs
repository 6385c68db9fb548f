using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Exact;

/// <summary>
/// What all rows share when posteriors are exact: for every state of the latents its log prior less its softplus sum, and the
/// terms of reports. Memory: <c>8 * 2^H (2 H + 2 L + 5)</c> bytes. Immutable, safe to share between threads.
/// </summary>
internal sealed class ExactTables
{
    private readonly AlignedBuffer<double> _offsets;

    public ExactTables(BeliefNet net)
    {
        Net = net;
        int states = 1 << net.Latents;
        Bits = new Matrix<double>(states, net.Latents);
        Inputs = new Matrix<double>(net.Sizes[0], states);
        _offsets = new AlignedBuffer<double>(Inputs.Stride);
        LogPriors = new double[states];
        Softplus = new double[states];
        Entropies = Create(net.Depth + 1, states);
        MeanActivations = Create(net.Depth + 1, states);
        Residuals = Create(net.Depth + 1, states);
        Fill();
    }

    public BeliefNet Net { get; }

    public int States => LogPriors.Length;

    /// <summary>[states, latents].</summary>
    public MatrixView<double> Bits { get; }

    /// <summary>[H_1, states]: the layer nearest to the data, transposed.</summary>
    public MatrixView<double> Inputs { get; }

    /// <summary>log p(z) - sum_d softplus(a_d), padded with zeros.</summary>
    public ReadOnlySpan<double> Offsets => _offsets.Span;

    /// <summary>log p(z).</summary>
    public double[] LogPriors { get; }

    /// <summary>sum_d softplus(a_d) of the data's block.</summary>
    public double[] Softplus { get; }

    /// <summary>Per block, the entropy of its conditional.</summary>
    public double[][] Entropies { get; }

    /// <summary>Per block, <c>sum_d a_d sigmoid(a_d)</c>.</summary>
    public double[][] MeanActivations { get; }

    /// <summary>Per block above the data's, <c>sum_d a_d (sigmoid(a_d) - y_d)</c>.</summary>
    public double[][] Residuals { get; }

    private static double[][] Create(int blocks, int states)
    {
        double[][] tables = new double[blocks][];
        for (int k = 0; k < blocks; k++)
        {
            tables[k] = new double[states];
        }

        return tables;
    }

    private void Fill()
    {
        StateEvaluator evaluator = new(Net);
        evaluator.Begin(new double[Net.Sizes[0] + 1]);
        ulong[] state = new ulong[Net.Words];
        for (int s = 0; s < States; s++)
        {
            Net.SetState(state, s);
            evaluator.Load(state);
            for (int h = 0; h < Net.Latents; h++)
            {
                double bit = Net.IsOn(state, h) ? 1 : 0;
                Bits[s][h] = bit;
                if (h < Net.Sizes[0])
                {
                    Inputs[h][s] = bit;
                }
            }

            Softplus[s] = evaluator.Softplus[0];
            for (int k = 0; k <= Net.Depth; k++)
            {
                double mean = evaluator.MeanActivation(k);
                MeanActivations[k][s] = mean;
                Entropies[k][s] = evaluator.Softplus[k] - mean;
                Residuals[k][s] = mean - evaluator.OutputTerms[k];
                LogPriors[s] += k == 0 ? 0 : evaluator.OutputTerms[k] - evaluator.Softplus[k];
            }

            _offsets[s] = LogPriors[s] - Softplus[s];
        }
    }
}
