using System.Numerics;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae;

/// <summary>Buffers of one thread for blocks of up to a fixed number of rows.</summary>
internal sealed class VaeWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly bool _isPositive;

    public VaeWorkspace(VaeNetwork network, int maxRows, bool withGradients, WorkerTeam? team = null)
    {
        _isPositive = network.Architecture.Likelihood.View == EncoderView.Log;
        MaxRows = maxRows;
        int latents = network.Architecture.Latents;
        ProductScratch<T> scratch = new();
        Encoder = network.Encoder.CreateWorkspace(maxRows, withGradients, scratch, team);
        Decoder = network.Decoder.CreateWorkspace(maxRows, withGradients, scratch, team);
        Variances = network.Variances?.CreateWorkspace(maxRows, withGradients, scratch, team);

        Rows = new Matrix<T>(maxRows, network.Architecture.Columns);
        Noise = new Matrix<T>(maxRows, latents);
        Deviations = new Matrix<T>(maxRows, latents);
        Latents = new Matrix<T>(maxRows, latents);
        Logarithms = new Matrix<T>(network.Architecture.Likelihood.View != EncoderView.Plain ? maxRows : 0, network.Architecture.Columns);
        VarianceLatentGradient = new Matrix<T>(withGradients && Variances is not null ? maxRows : 0, latents);
        LatentGradient = new Matrix<T>(withGradients ? maxRows : 0, latents);
    }

    public int MaxRows { get; }

    public NetworkWorkspace<T> Encoder { get; }

    public NetworkWorkspace<T> Decoder { get; }

    /// <summary>VAE-3's, or null.</summary>
    public NetworkWorkspace<T>? Variances { get; }

    public MatrixView<T> Rows { get; }

    public MatrixView<T> Noise { get; }

    public MatrixView<T> Deviations { get; }

    public MatrixView<T> Latents { get; }

    public MatrixView<T> LatentGradient { get; }

    /// <summary>The part of the latents' gradient that comes by way of the variances.</summary>
    public MatrixView<T> VarianceLatentGradient { get; }

    /// <summary>
    /// log(1 + x) of counts without a limit, log x of positive numbers; no rows where the encoder sees the rows themselves.
    /// </summary>
    private MatrixView<T> Logarithms { get; }

    /// <summary>Runs the encoder on the first rows; heads, which it returns, and deviations are then in place.</summary>
    public MatrixView<T> Encode(AlignedBuffer<T> parameters, int rows)
    {
        if (_isPositive)
        {
            ElementLoops.Log(Rows.Slice(0, rows), Logarithms);
        }
        else
        {
            for (int row = 0; row < Math.Min(rows, Logarithms.Rows); row++)
            {
                System.Numerics.Tensors.TensorPrimitives.LogP1<T>(Rows[row], Logarithms[row]); // The C library's, one by one.
            }
        }

        Encoder.Forward(parameters, EncoderInput(rows));
        MatrixView<T> heads = Encoder.Output(rows);
        EncoderKernels.Deviations(heads, Deviations.Slice(0, rows));
        return heads;
    }

    /// <summary>Runs the decoder on the first latents.</summary>
    public DecoderBlock<T> Decode(AlignedBuffer<T> parameters, int rows)
    {
        Decoder.Forward(parameters, Latents.Slice(0, rows));
        Variances?.Forward(parameters, Latents.Slice(0, rows));
        return Output(rows);
    }

    /// <summary>What the encoder sees of the first rows, once <see cref="Encode"/> has run.</summary>
    public MatrixView<T> EncoderInput(int rows) => (Logarithms.Rows == 0 ? Rows : Logarithms).Slice(0, rows);

    /// <summary>What the decoder gave for the first rows.</summary>
    public DecoderBlock<T> Output(int rows) => new(Decoder.Output(rows), Variances?.Output(rows) ?? default);

    /// <summary>The gradient with respect to it.</summary>
    public DecoderBlock<T> OutputGradient(int rows) => new(Decoder.OutputGradient(rows), Variances?.OutputGradient(rows) ?? default);

    /// <summary>Fills the noise of the first rows; padding lanes hold noise too and meet zero deviations.</summary>
    public void FillNoise(RandomStream random, int rows)
    {
        Span<T> noise = Noise.Slice(0, rows).Entries;
        if (typeof(T) == typeof(float))
        {
            random.FillGaussian(System.Runtime.InteropServices.MemoryMarshal.Cast<T, float>(noise));
            return;
        }

        float[] draws = System.Buffers.ArrayPool<float>.Shared.Rent(noise.Length);
        random.FillGaussian(draws.AsSpan(0, noise.Length));
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] = T.CreateTruncating(draws[i]);
        }

        System.Buffers.ArrayPool<float>.Shared.Return(draws);
    }

    /// <summary>Fills the noise of the first rows with one draw for all of them.</summary>
    public void FillSharedNoise(RandomStream random, int rows)
    {
        FillNoise(random, 1);
        Span<T> first = Noise.PaddedRow(0);
        for (int row = 1; row < rows; row++)
        {
            first.CopyTo(Noise.PaddedRow(row));
        }
    }
}
