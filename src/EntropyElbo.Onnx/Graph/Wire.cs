namespace EntropyElbo.Onnx.Graph;

/// <summary>A value of a graph: the name that nodes know it by, and the type of its numbers.</summary>
internal readonly record struct Wire(string Name, NumberKind Kind);

/// <summary>The types of numbers that our graphs hold.</summary>
internal enum NumberKind
{
    /// <summary>Single precision: what comes in, goes out, and is inside of networks.</summary>
    Single,

    /// <summary>Double precision: scaling, densities, and all that adds up large terms.</summary>
    Double,

    /// <summary>Indices and shapes.</summary>
    Whole,

    /// <summary>Truth values.</summary>
    Truth,
}
