namespace MLNet.EntropyElbo.Zip;

/// <summary>Rows that are encoded together, and what they are encoded into: the buffers of one cursor.</summary>
internal sealed class EncodingBlock
{
    private const int BlockValues = 1 << 17;
    private const int MostRows = 256;

    /// <summary>Buffers for a number of rows.</summary>
    /// <param name="encoder">The model.</param>
    /// <param name="capacity">Rows at most.</param>
    /// <param name="parts">What is computed.</param>
    public EncodingBlock(RowEncoder encoder, int capacity, EncodedParts parts)
    {
        Encoder = encoder;
        Parts = parts;
        Columns = encoder.Model.ObservedDimension;
        Latents = encoder.Model.LatentDimension;
        int latents = NeedsLatents ? capacity * Latents : 0;
        int decoded = parts.HasFlag(EncodedParts.Reconstruction) ? capacity * Columns : 0;
        int elbos = parts.HasFlag(EncodedParts.Elbo) ? capacity : 0;
        Rows = new double[capacity * Columns];
        Places = new int[capacity];
        Means = new double[latents];
        Variances = new double[latents];
        Decoded = new double[decoded];
        RowElbos = new double[elbos];
        MeanValues = new float[latents];
        VarianceValues = new float[latents];
        Reconstruction = new float[decoded];
        Elbos = new float[elbos];
        Components = new uint[NeedsLatents ? capacity : 0];
        LatentTerms = encoder.Model.LatentTerms;
        int columnTerms = parts.HasFlag(EncodedParts.ColumnScores) ? capacity * Columns : 0;
        int klTerms = parts.HasFlag(EncodedParts.Kl) ? capacity * LatentTerms : 0;
        ColumnTerms = new double[columnTerms];
        KlTerms = new double[klTerms];
        ColumnScores = new float[columnTerms];
        Kl = new float[klTerms];
    }

    public RowEncoder Encoder { get; }

    public EncodedParts Parts { get; }

    public int Columns { get; }

    public int Latents { get; }

    /// <summary>The rows as they come; those that can be encoded are moved to the front.</summary>
    public double[] Rows { get; }

    /// <summary>Where among the rows as they came each of those at the front was.</summary>
    public int[] Places { get; }

    public double[] Means { get; }

    public double[] Variances { get; }

    public double[] Decoded { get; }

    public double[] RowElbos { get; }

    /// <summary>Latent means of every row, in its place.</summary>
    public float[] MeanValues { get; }

    /// <summary>Latent variances of every row, in its place.</summary>
    public float[] VarianceValues { get; }

    /// <summary>Every row decoded from its latent means, in its place.</summary>
    public float[] Reconstruction { get; }

    /// <summary>ELBO of every row, in its place.</summary>
    public float[] Elbos { get; }

    /// <summary>Index of the largest mean of every row, in its place.</summary>
    public uint[] Components { get; }

    /// <summary>Parts of the model's KL divergence.</summary>
    public int LatentTerms { get; }

    public double[] ColumnTerms { get; }

    public double[] KlTerms { get; }

    /// <summary>The columns' parts of every row's anomaly score, in its place.</summary>
    public float[] ColumnScores { get; }

    /// <summary>The latents' parts of it, in its place.</summary>
    public float[] Kl { get; }

    /// <summary>Whether latent means are needed, for themselves or to decode them.</summary>
    public bool NeedsLatents => (Parts & (EncodedParts.Latents | EncodedParts.Reconstruction)) != EncodedParts.None;

    /// <summary>The row to fill next.</summary>
    public Span<double> Row(int row) => Rows.AsSpan(row * Columns, Columns);

    /// <summary>Rows that are worth encoding together: more bring nothing, and wide ones would take much memory.</summary>
    public static int CapacityFor(RowEncoder encoder) =>
        Math.Clamp(BlockValues / Math.Max(encoder.Model.ObservedDimension, encoder.Model.LatentDimension), 1, MostRows);
}
