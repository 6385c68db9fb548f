namespace EntropyElbo.Files;

/// <summary>Element type of a tensor in a model file; the names are the dtype names of the safetensors layout.</summary>
internal enum TensorType
{
    /// <summary>IEEE 754 binary32, four bytes.</summary>
    F32,

    /// <summary>IEEE 754 binary64, eight bytes.</summary>
    F64,

    /// <summary>Two's complement integer of eight bytes, for counters.</summary>
    I64,
}
