using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>
/// The vector operations a tile of a matrix product is made of. Implementations are empty structs, so every call is
/// resolved at compile time and vectors stay in registers.
/// </summary>
internal unsafe interface ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Entries in a vector.</summary>
    static abstract int Count { get; }

    static abstract TVector Load(T* source);

    /// <summary>Half a vector from each place.</summary>
    static abstract TVector LoadHalves(T* lower, T* upper);

    static abstract void Store(T* target, TVector x);

    static abstract TVector Broadcast(T value);

    /// <summary>The <paramref name="group"/> (1, 2 or 4) entries at <paramref name="source"/>, repeated to fill the vector.</summary>
    static abstract TVector BroadcastGroup(T* source, int group);

    /// <summary>x*y + z, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector x, TVector y, TVector z);

    static abstract TVector Add(TVector x, TVector y);

    /// <summary>The larger of x and slope*x, NaN for NaN.</summary>
    static abstract TVector Rectify(TVector x, TVector slope);

    /// <summary>slope*x where gate &lt;= 0, x elsewhere.</summary>
    static abstract TVector Gate(TVector x, TVector gate, TVector slope);

    /// <summary>Sums of neighbouring pairs: those of x in the lower half, those of y in the upper half.</summary>
    static abstract TVector FoldPairs(TVector x, TVector y);

    /// <summary>Lower and upper half taken alternately: x0, xh, x1, xh+1, ... with h half the count.</summary>
    static abstract TVector Zip(TVector x);
}

/// <summary>A number known at compile time: tile heights, widths and group sizes as type parameters.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}

internal readonly struct N1 : IConstant { public static int Value => 1; }
internal readonly struct N2 : IConstant { public static int Value => 2; }
internal readonly struct N3 : IConstant { public static int Value => 3; }
internal readonly struct N4 : IConstant { public static int Value => 4; }
internal readonly struct N5 : IConstant { public static int Value => 5; }
internal readonly struct N6 : IConstant { public static int Value => 6; }
internal readonly struct N7 : IConstant { public static int Value => 7; }
internal readonly struct N8 : IConstant { public static int Value => 8; }
internal readonly struct N9 : IConstant { public static int Value => 9; }
internal readonly struct N10 : IConstant { public static int Value => 10; }
internal readonly struct N11 : IConstant { public static int Value => 11; }
internal readonly struct N12 : IConstant { public static int Value => 12; }
