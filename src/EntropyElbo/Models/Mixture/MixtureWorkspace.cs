using EntropyElbo.Numerics;

namespace EntropyElbo.Models.Mixture;

/// <summary>Buffers of one thread for blocks of up to <see cref="LatentModel.BlockRows"/> rows.</summary>
internal sealed unsafe class MixtureWorkspace
{
    private readonly AlignedBuffer<double> _joint;
    private readonly AlignedBuffer<double> _other;
    private readonly AlignedBuffer<double> _responsibilities;

    public MixtureWorkspace(IReadOnlyList<ColumnFamily> families, int components)
    {
        int rows = LatentModel.BlockRows;
        Components = components;
        Stride = (components + 7) / 8 * 8;
        _joint = new AlignedBuffer<double>((long)rows * Stride);
        _other = new AlignedBuffer<double>((long)rows * Stride);
        _responsibilities = new AlignedBuffer<double>((long)rows * Stride);
        Joint = new MatrixView<double>(_joint.Pointer, rows, components, Stride);
        Other = new MatrixView<double>(_other.Pointer, rows, components, Stride);
        Responsibilities = new MatrixView<double>(_responsibilities.Pointer, rows, components, Stride);
        Scratches = [.. families.Select(f => f.CreateScratch(rows, components))];
        RowValues = new double[rows];
        RowEntropies = new double[rows];
    }

    /// <summary>K.</summary>
    public int Components { get; }

    /// <summary>K rounded up to whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Log joint densities, then their exponentials.</summary>
    public MatrixView<double> Joint { get; }

    /// <summary>A second matrix of that shape.</summary>
    public MatrixView<double> Other { get; }

    /// <summary>q(k|x): [rows, K].</summary>
    public MatrixView<double> Responsibilities { get; }

    /// <summary>Buffers per column range.</summary>
    public ColumnScratch[] Scratches { get; }

    /// <summary>Per row the ELBO less log h.</summary>
    public double[] RowValues { get; }

    /// <summary>Per row the entropy of q.</summary>
    public double[] RowEntropies { get; }
}
