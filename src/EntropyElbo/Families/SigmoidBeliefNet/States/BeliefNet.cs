using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>
/// Parameters of a sigmoid belief net with latent layers 0 (nearest to the data) to L - 1. Block 0 is p(x | z_0), block k
/// is p(z_(k-1) | z_k), block L is the prior p(z_(L-1)) (LW eq. 86-88, whose layers count from 1). A state of all latents is
/// a run of <see cref="Words"/> words; every layer starts at a word of its own, unused bits are 0.
/// </summary>
internal sealed class BeliefNet
{
    /// <summary>Latents below the layers nearest to the data up to which marginal priors are summed exactly.</summary>
    private const int EnumeratedLatents = 12;

    private const int PriorDraws = 10_000;
    private readonly int[] _words;

    public BeliefNet(int columns, ReadOnlySpan<int> sizes)
    {
        Columns = columns;
        Sizes = sizes.ToArray();
        Blocks = new BeliefLayer[sizes.Length + 1];
        FirstLatent = new int[sizes.Length + 1];
        _words = new int[sizes.Length + 1];
        for (int k = 0; k <= sizes.Length; k++)
        {
            Blocks[k] = new BeliefLayer(k < sizes.Length ? sizes[k] : 0, k == 0 ? columns : sizes[k - 1]);
            if (k < sizes.Length)
            {
                FirstLatent[k + 1] = FirstLatent[k] + sizes[k];
                _words[k + 1] = _words[k] + ((sizes[k] + 63) / 64);
            }
        }
    }

    private BeliefNet(BeliefNet other)
        : this(other.Columns, other.Sizes)
    {
        for (int k = 0; k < Blocks.Length; k++)
        {
            Blocks[k] = other.Blocks[k].Clone();
        }
    }

    /// <summary>D.</summary>
    public int Columns { get; }

    /// <summary>Latents of each layer.</summary>
    public int[] Sizes { get; }

    /// <summary>Layers, L.</summary>
    public int Depth => Sizes.Length;

    /// <summary>The L + 1 conditionals, the data's first.</summary>
    public BeliefLayer[] Blocks { get; }

    /// <summary>Index of each layer's first latent among all.</summary>
    public int[] FirstLatent { get; }

    /// <summary>Latents of all layers.</summary>
    public int Latents => FirstLatent[^1];

    /// <summary>Words of a state.</summary>
    public int Words => _words[^1];

    /// <summary>Number of states, or null where it exceeds 2^30.</summary>
    public int? StateCount => Latents <= 30 ? 1 << Latents : null;

    public BeliefNet Clone() => new(this);

    /// <summary>The words of one layer.</summary>
    public ReadOnlySpan<ulong> Layer(ReadOnlySpan<ulong> state, int layer) =>
        state[_words[layer].._words[layer + 1]];

    /// <summary>The words of one layer.</summary>
    public Span<ulong> Layer(Span<ulong> state, int layer) => state[_words[layer].._words[layer + 1]];

    /// <summary>The words of a layer and of those above it.</summary>
    public ReadOnlySpan<ulong> From(ReadOnlySpan<ulong> state, int layer) => state[_words[layer]..];

    /// <summary>Layer and place in it of a latent.</summary>
    public (int Layer, int Place) Locate(int latent)
    {
        int layer = 0;
        while (latent >= FirstLatent[layer + 1])
        {
            layer++;
        }

        return (layer, latent - FirstLatent[layer]);
    }

    /// <summary>Inverts a latent.</summary>
    public void Flip(Span<ulong> state, int latent)
    {
        (int layer, int place) = Locate(latent);
        state[_words[layer] + (place >> 6)] ^= 1UL << (place & 63);
    }

    /// <summary>Whether a latent is on.</summary>
    public bool IsOn(ReadOnlySpan<ulong> state, int latent)
    {
        (int layer, int place) = Locate(latent);
        return (state[_words[layer] + (place >> 6)] >> (place & 63) & 1) != 0;
    }

    /// <summary>State number <paramref name="index"/> in the order of binary numbers, latent 0 the lowest digit.</summary>
    public void SetState(Span<ulong> state, long index)
    {
        state.Clear();
        for (long rest = index; rest != 0; rest &= rest - 1)
        {
            Flip(state, BitOperations.TrailingZeroCount(rest));
        }
    }

    /// <summary>Draws a state from the prior.</summary>
    public void SampleState(Span<ulong> state, RandomStream random, Span<double> logits)
    {
        state.Clear();
        for (int k = Depth; k >= 1; k--)
        {
            ReadOnlySpan<ulong> parents = k < Depth ? Layer(state, k) : [];
            Activations(k, parents, logits);
            Span<ulong> layer = Layer(state, k - 1);
            for (int h = 0; h < Sizes[k - 1]; h++)
            {
                layer[h >> 6] |= random.NextUniform() < SpecialFunctions.Logistic(logits[h]) ? 1UL << (h & 63) : 0;
            }
        }
    }

    /// <summary>W z + mu of a block for a binary state of its inputs.</summary>
    public void Activations(int block, ReadOnlySpan<ulong> inputs, Span<double> logits)
    {
        BeliefLayer parameters = Blocks[block];
        Span<double> target = logits[..parameters.Outputs];
        parameters.Bias.CopyTo(target);
        for (int w = 0; w < inputs.Length; w++)
        {
            for (ulong rest = inputs[w]; rest != 0; rest &= rest - 1)
            {
                int input = (w << 6) + BitOperations.TrailingZeroCount(rest);
                System.Numerics.Tensors.TensorPrimitives.Add(target, parameters.Parameters[input], target);
            }
        }
    }

    /// <summary>
    /// Probability of each latent under the prior with all others summed out: in closed form for the deepest layer, by
    /// enumeration of the deeper latents where they are few, else the mean over 10,000 draws of a fixed seed.
    /// </summary>
    public double[] MarginalPriors()
    {
        double[] priors = new double[Latents];
        ulong[] state = new ulong[Words];
        double[] logits = new double[Math.Max(1, Sizes.Max())];
        int deeper = Latents - Sizes[0];
        if (Depth == 1 || deeper <= EnumeratedLatents)
        {
            for (long index = 0; index < 1L << deeper; index++)
            {
                SetState(state, index << Sizes[0]);
                AddMarginals(state, Math.Exp(DeeperLogProbability(state, logits)), priors, logits);
            }
        }
        else
        {
            RandomStream random = new(1, RandomPurpose.Sampling, 1);
            for (int draw = 0; draw < PriorDraws; draw++)
            {
                SampleState(state, random, logits);
                AddMarginals(state, 1.0 / PriorDraws, priors, logits);
            }
        }

        for (int h = 0; h < Sizes[^1]; h++)
        {
            priors[FirstLatent[Depth - 1] + h] = SpecialFunctions.Logistic(Blocks[Depth].Bias[h]);
        }

        return priors;
    }

    private void AddMarginals(ReadOnlySpan<ulong> state, double weight, double[] priors, double[] logits)
    {
        for (int k = 1; k < Depth; k++)
        {
            Activations(k, Layer(state, k), logits);
            for (int h = 0; h < Sizes[k - 1]; h++)
            {
                priors[FirstLatent[k - 1] + h] += weight * SpecialFunctions.Logistic(logits[h]);
            }
        }
    }

    /// <summary>log p of all layers but the nearest to the data.</summary>
    private double DeeperLogProbability(ReadOnlySpan<ulong> state, double[] logits)
    {
        double sum = 0;
        for (int k = 2; k <= Depth; k++)
        {
            Activations(k, k < Depth ? Layer(state, k) : [], logits);
            for (int h = 0; h < Sizes[k - 1]; h++)
            {
                sum -= SpecialFunctions.Softplus(IsOn(state, FirstLatent[k - 1] + h) ? -logits[h] : logits[h]);
            }
        }

        return sum;
    }
}
