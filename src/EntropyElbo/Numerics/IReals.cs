using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>
/// A vector of floats or doubles of one width, with what functions of whole vectors are made of. Their text is written once for
/// every width; implementations wrap one vector, so the compiler sees its instructions alone. Comparisons give masks: all bits of a
/// lane, or none.
/// </summary>
internal interface IReals<TSelf, T> : IAdditionOperators<TSelf, TSelf, TSelf>, ISubtractionOperators<TSelf, TSelf, TSelf>, IMultiplyOperators<TSelf, TSelf, TSelf>,
    IDivisionOperators<TSelf, TSelf, TSelf>, IUnaryNegationOperators<TSelf, TSelf>
    where TSelf : struct, IReals<TSelf, T>
    where T : unmanaged
{
    static abstract TSelf Of(T value);

    /// <summary>x*y + z, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf x, TSelf y, TSelf z);

    static abstract TSelf Min(TSelf x, TSelf y);

    static abstract TSelf Max(TSelf x, TSelf y);

    static abstract TSelf Select(TSelf mask, TSelf x, TSelf y);

    static abstract TSelf Less(TSelf x, TSelf y);

    static abstract TSelf Equal(TSelf x, TSelf y);

    /// <summary>Lanes whose lowest bit is set.</summary>
    static abstract TSelf IsOdd(TSelf x);

    /// <summary>A whole number as the bits of every lane.</summary>
    static abstract TSelf OfBits(long bits);

    /// <summary>The sum of the lanes taken as whole numbers.</summary>
    static abstract TSelf AddBits(TSelf x, TSelf y);

    /// <summary>The difference of the lanes taken as whole numbers.</summary>
    static abstract TSelf SubtractBits(TSelf x, TSelf y);

    static abstract TSelf And(TSelf x, TSelf y);

    static abstract TSelf Xor(TSelf x, TSelf y);

    static abstract TSelf ShiftLeft(TSelf x, int bits);

    /// <summary>Shifted down, with copies of the sign from above.</summary>
    static abstract TSelf ShiftRight(TSelf x, int bits);

    /// <summary>The numbers that the lanes are as whole numbers.</summary>
    static abstract TSelf Number(TSelf bits);
}
