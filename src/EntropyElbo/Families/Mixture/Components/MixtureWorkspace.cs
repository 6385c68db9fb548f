using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>Buffers of one thread for blocks of rows.</summary>
internal sealed class MixtureWorkspace
{
    /// <summary>Makes the buffers.</summary>
    /// <param name="families">Families of the column ranges.</param>
    /// <param name="components">K.</param>
    /// <param name="rows">Rows of a block at most.</param>
    public MixtureWorkspace(IReadOnlyList<ColumnFamily> families, int components, int rows)
    {
        Rows = rows;
        Components = components;
        Lanes = LanesOf(components);
        Joint = new Matrix<double>(rows, components);
        Other = new Matrix<double>(rows, components);
        Responsibilities = new Matrix<double>(rows, components);
        Shifted = new AlignedBuffer<double>((long)rows * Lanes);
        Exponentials = new AlignedBuffer<double>((long)rows * Lanes);
        Sums = new AlignedBuffer<double>(Joint.Stride);
        Scratches = [.. families.Select(f => f.CreateScratch(rows, components))];
        RowValues = new double[rows];
        RowEntropies = new double[rows];
        Unseen = new int[rows];
        UnseenMeasure = new double[rows];
    }

    /// <summary>Rows of a block at most.</summary>
    public int Rows { get; }

    /// <summary>K.</summary>
    public int Components { get; }

    /// <summary>K rounded up to whole vectors of 8.</summary>
    public int Lanes { get; }

    /// <summary>Log densities: [rows, K].</summary>
    public MatrixView<double> Joint { get; }

    /// <summary>A second matrix of that shape.</summary>
    public MatrixView<double> Other { get; }

    /// <summary>Log joint densities less the greatest of the row: [rows, Lanes], without gaps.</summary>
    public AlignedBuffer<double> Shifted { get; }

    /// <summary>Their exponentials.</summary>
    public AlignedBuffer<double> Exponentials { get; }

    /// <summary>q(k|x): [rows, K].</summary>
    public MatrixView<double> Responsibilities { get; }

    /// <summary>A line for sums over rows.</summary>
    public AlignedBuffer<double> Sums { get; }

    /// <summary>Buffers per column range.</summary>
    public ColumnScratch[] Scratches { get; }

    /// <summary>Per row the ELBO less log h.</summary>
    public double[] RowValues { get; }

    /// <summary>Per row the entropy of q.</summary>
    public double[] RowEntropies { get; }

    /// <summary>Per row the values that training did not see, where they were looked for.</summary>
    public int[] Unseen { get; }

    /// <summary>Per row their log h.</summary>
    public double[] UnseenMeasure { get; }

    /// <summary>K rounded up to whole vectors of 8.</summary>
    public static int LanesOf(int components) => (components + 7) / 8 * 8;
}
