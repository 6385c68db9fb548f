namespace MLNet.EntropyElbo;

/// <summary>Where the rows of an IDataView are while a model is trained on them.</summary>
public enum DataCaching
{
    /// <summary>
    /// In memory where they take at most a quarter of the memory that is available, as 4-byte floats; else streamed. The
    /// pipeline in front runs once, or until that much has been read.
    /// </summary>
    Auto,

    /// <summary>In memory: the pipeline in front runs once.</summary>
    Memory,

    /// <summary>
    /// Streamed: every pass runs the pipeline in front again and keeps a bounded number of rows (families trained in
    /// minibatches shuffle within a buffer of at most 128 MB). For data larger than memory.
    /// </summary>
    Stream,
}
