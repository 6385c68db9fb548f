using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Streaming;

/// <summary>
/// Log densities of blocks of rows under the recommended model of a spectrum: with <c>y = u_h'(x - mean)</c>,
/// <c>-1/2 [D log 2 pi + sum log l_h + (D-H) log s + |x - mean|^2 / s - sum y_h^2 (1 / s - 1 / l_h)]</c>. The differences are taken
/// into the directions, so that a block costs one product of matrices.
/// </summary>
internal sealed class StreamDensities
{
    private readonly int _columns;
    private readonly MatrixView<double> _centred;
    private readonly MatrixView<double> _codes;
    private readonly MatrixView<double> _directions;

    /// <summary>Buffers for blocks of rows.</summary>
    public StreamDensities(int columns, int mostLatents)
    {
        _columns = columns;
        _centred = new Matrix<double>(ForgettingMoments.BlockRows, columns);
        _codes = new Matrix<double>(ForgettingMoments.BlockRows, Math.Max(1, mostLatents));
        _directions = new Matrix<double>(columns, Math.Max(1, mostLatents));
    }

    /// <summary>Takes the directions of a spectrum, each times the root of <c>1 - s / l_h</c>.</summary>
    public void Use(StreamSpectrum spectrum)
    {
        double noise = spectrum.NoiseVariance(spectrum.Latents);
        for (int h = 0; h < spectrum.Latents; h++)
        {
            double length = Math.Sqrt(Math.Max(0, 1 - (noise / Math.Max(spectrum.Values[h], noise))));
            for (int d = 0; d < _columns; d++)
            {
                _directions[d][h] = spectrum.Vectors[(h * _columns) + d] * length;
            }
        }
    }

    /// <summary>Fills the log densities.</summary>
    /// <param name="spectrum">The spectrum last taken.</param>
    /// <param name="rows">[n, D].</param>
    /// <param name="densities">n values.</param>
    public void Fill(StreamSpectrum spectrum, ReadOnlySpan<double> rows, Span<double> densities)
    {
        int count = densities.Length, latents = spectrum.Latents;
        double half = 0.5 / spectrum.NoiseVariance(latents);
        double constant = -0.5 * (spectrum.LogDeterminant(latents) + (_columns * SpecialFunctions.LogTwoPi));
        for (int i = 0; i < count; i++)
        {
            TensorPrimitives.Subtract(rows.Slice(i * _columns, _columns), spectrum.Mean, _centred[i]);
        }

        ElementLoops.RowSquares(_centred.Slice(0, count), densities);
        Span<double> explained = stackalloc double[count];
        if (latents > 0)
        {
            MatrixView<double> codes = _codes.Block(0, count, 0, latents);
            MatrixProduct.Multiply(_centred.Slice(0, count), _directions.Block(0, _columns, 0, latents), codes);
            ElementLoops.RowSquares(codes, explained);
        }

        for (int i = 0; i < count; i++)
        {
            densities[i] = constant - (half * Math.Max(0, densities[i] - explained[i]));
        }
    }
}
