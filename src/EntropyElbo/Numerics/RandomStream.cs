using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>What a stream of random numbers is for. Streams of different purposes never overlap.</summary>
public enum RandomPurpose
{
    /// <summary>Initial parameter values.</summary>
    Initialisation = 1,

    /// <summary>The order of rows within an epoch.</summary>
    Shuffling = 2,

    /// <summary>Noise of the reparameterised latents while training.</summary>
    TrainingNoise = 3,

    /// <summary>Noise of the reparameterised latents while evaluating.</summary>
    EvaluationNoise = 4,

    /// <summary>Rows drawn from a model.</summary>
    Sampling = 5,

    /// <summary>Synthetic data.</summary>
    Generation = 6,

    /// <summary>Splits into training and test rows, folds.</summary>
    Splitting = 7,

    /// <summary>Random search over options.</summary>
    Search = 8,
}

/// <summary>
/// A counter-based random stream (Threefry-2x64-20; Salmon et al., SC'11): the numbers are a function of seed, purpose,
/// two stream indices and position, so results do not depend on which thread draws them.
/// </summary>
/// <remarks>Not thread-safe: make one stream per row block. Making one costs nothing.</remarks>
public sealed class RandomStream
{
    private const ulong Parity = 0x1BD11BDAA9FC1A22;
    private readonly ulong _key0;
    private readonly ulong _key1;
    private readonly ulong _high;
    private ulong _position;
    private ulong _spareWord;
    private bool _hasSpareWord;
    private double _spareGaussian;
    private bool _hasSpareGaussian;

    /// <summary>Opens a stream at its first number.</summary>
    /// <param name="seed">The user's seed.</param>
    /// <param name="purpose">What the numbers are for.</param>
    /// <param name="major">First index, below 2^56: an epoch, say.</param>
    /// <param name="minor">Second index: a row block, say.</param>
    public RandomStream(ulong seed, RandomPurpose purpose, ulong major = 0, ulong minor = 0)
    {
        _key0 = seed;
        _key1 = ((ulong)purpose << 56) ^ major;
        _high = minor;
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits()
    {
        if (_hasSpareWord)
        {
            _hasSpareWord = false;
            return _spareWord;
        }

        (ulong first, _spareWord) = Threefry(_key0, _key1, _high, _position++);
        _hasSpareWord = true;
        return first;
    }

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public double NextUniform() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without bias.</summary>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        ulong limit = ulong.MaxValue - (ulong.MaxValue % (ulong)bound);
        ulong bits = NextBits();
        while (bits >= limit)
        {
            bits = NextBits();
        }

        return (int)(bits % (ulong)bound);
    }

    /// <summary>A standard normal number (Box-Muller, 53-bit uniforms).</summary>
    public double NextGaussian()
    {
        if (_hasSpareGaussian)
        {
            _hasSpareGaussian = false;
            return _spareGaussian;
        }

        double radius = Math.Sqrt(-2 * Math.Log(1 - NextUniform()));
        (double sin, double cos) = Math.SinCos(2 * Math.PI * NextUniform());
        _spareGaussian = radius * sin;
        _hasSpareGaussian = true;
        return radius * cos;
    }

    /// <summary>Fills a block with standard normal numbers.</summary>
    public void FillGaussian(Span<double> block)
    {
        for (int i = 0; i < block.Length; i++)
        {
            block[i] = NextGaussian();
        }
    }

    /// <summary>
    /// Fills a block with standard normal numbers from 24-bit uniforms (no value beyond 5.8), 32 at a time:
    /// eight counters give 16 radii and 16 angles. Every call starts on fresh counters.
    /// </summary>
    public void FillGaussian(Span<float> block)
    {
        ref float target = ref MemoryMarshal.GetReference(block);
        nuint filled = 0;
        nuint length = (nuint)block.Length;
        Vector512<float> cosines;
        Vector512<float> sines;
        for (; filled + 32 <= length; filled += 32)
        {
            (cosines, sines) = NextGaussians32();
            cosines.StoreUnsafe(ref target, filled);
            sines.StoreUnsafe(ref target, filled + 16);
        }

        if (filled < length)
        {
            (cosines, sines) = NextGaussians32();
            Span<float> rest = stackalloc float[32];
            cosines.CopyTo(rest);
            sines.CopyTo(rest[16..]);
            rest[..(int)(length - filled)].CopyTo(block[(int)filled..]);
        }
    }

    /// <summary>A random permutation of 0 .. length-1 (Fisher-Yates), written into <paramref name="order"/>.</summary>
    public void FillPermutation(Span<int> order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            int j = NextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
    }

    /// <summary>The Threefry-2x64-20 block function.</summary>
    internal static (ulong First, ulong Second) Threefry(ulong key0, ulong key1, ulong counter0, ulong counter1)
    {
        ulong key2 = Parity ^ key0 ^ key1;
        ulong x0 = counter0 + key0;
        ulong x1 = counter1 + key1;
        Rounds(ref x0, ref x1, 16, 42, 12, 31);
        x0 += key1;
        x1 += key2 + 1;
        Rounds(ref x0, ref x1, 16, 32, 24, 21);
        x0 += key2;
        x1 += key0 + 2;
        Rounds(ref x0, ref x1, 16, 42, 12, 31);
        x0 += key0;
        x1 += key1 + 3;
        Rounds(ref x0, ref x1, 16, 32, 24, 21);
        x0 += key1;
        x1 += key2 + 4;
        Rounds(ref x0, ref x1, 16, 42, 12, 31);
        x0 += key2;
        x1 += key0 + 5;
        return (x0, x1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds(ref ulong x0, ref ulong x1, int a, int b, int c, int d)
    {
        x0 += x1;
        x1 = ulong.RotateLeft(x1, a) ^ x0;
        x0 += x1;
        x1 = ulong.RotateLeft(x1, b) ^ x0;
        x0 += x1;
        x1 = ulong.RotateLeft(x1, c) ^ x0;
        x0 += x1;
        x1 = ulong.RotateLeft(x1, d) ^ x0;
    }

    private (Vector512<float> Cosines, Vector512<float> Sines) NextGaussians32()
    {
        (Vector512<ulong> first, Vector512<ulong> second) = ThreefryLanes(_position);
        _position += 8;
        const float scale = 1f / (1 << 24);
        Vector512<uint> radiusBits = (first.AsUInt32() >>> 8) + Vector512<uint>.One;
        Vector512<float> radiusUniform = Vector512.ConvertToSingle(radiusBits.AsInt32()) * scale;
        Vector512<float> angleUniform = Vector512.ConvertToSingle((second.AsUInt32() >>> 8).AsInt32()) * scale;
        Vector512<float> radius = Vector512.Sqrt(VectorFunctions.Log(radiusUniform) * -2f);
        (Vector512<float> sin, Vector512<float> cos) = VectorFunctions.Turn(angleUniform);
        return (radius * cos, radius * sin);
    }

    private (Vector512<ulong> First, Vector512<ulong> Second) ThreefryLanes(ulong position)
    {
        Vector512<ulong> key0 = Vector512.Create(_key0);
        Vector512<ulong> key1 = Vector512.Create(_key1);
        Vector512<ulong> key2 = Vector512.Create(Parity ^ _key0 ^ _key1);
        Vector512<ulong> x0 = Vector512.Create(_high) + key0;
        Vector512<ulong> x1 = Vector512.Create(position) + Vector512<ulong>.Indices + key1;
        RoundsLanes(ref x0, ref x1, 16, 42, 12, 31);
        x0 += key1;
        x1 += key2 + Vector512.Create(1UL);
        RoundsLanes(ref x0, ref x1, 16, 32, 24, 21);
        x0 += key2;
        x1 += key0 + Vector512.Create(2UL);
        RoundsLanes(ref x0, ref x1, 16, 42, 12, 31);
        x0 += key0;
        x1 += key1 + Vector512.Create(3UL);
        RoundsLanes(ref x0, ref x1, 16, 32, 24, 21);
        x0 += key1;
        x1 += key2 + Vector512.Create(4UL);
        RoundsLanes(ref x0, ref x1, 16, 42, 12, 31);
        x0 += key2;
        x1 += key0 + Vector512.Create(5UL);
        return (x0, x1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RoundsLanes(ref Vector512<ulong> x0, ref Vector512<ulong> x1, int a, int b, int c, int d)
    {
        x0 += x1;
        x1 = RotateLeft(x1, a) ^ x0;
        x0 += x1;
        x1 = RotateLeft(x1, b) ^ x0;
        x0 += x1;
        x1 = RotateLeft(x1, c) ^ x0;
        x0 += x1;
        x1 = RotateLeft(x1, d) ^ x0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> RotateLeft(Vector512<ulong> x, int bits) => (x << bits) | (x >>> (64 - bits));
}
