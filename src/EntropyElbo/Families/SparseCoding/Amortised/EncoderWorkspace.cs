using System.Numerics;
using System.Numerics.Tensors;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Amortised;

/// <summary>Activations and gradients of a <see cref="ResidualEncoder"/> for up to a fixed number of rows; one per thread.</summary>
internal sealed class EncoderWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ResidualEncoder _encoder;
    private readonly ProductScratch<T> _scratch = new();
    private readonly MatrixView<T>[] _streams; // What flows past the blocks: before the first, ..., behind the last.
    private readonly MatrixView<T>[] _gates; // The rectified stream.
    private readonly MatrixView<T>[] _inner;
    private readonly MatrixView<T> _outputs;
    private readonly MatrixView<T> _outputGradient;
    private readonly MatrixView<T> _streamGradient;
    private readonly MatrixView<T> _gateGradient;
    private readonly MatrixView<T> _innerGradient;

    public EncoderWorkspace(ResidualEncoder encoder, int maxRows, bool withGradients)
    {
        _encoder = encoder;
        int blocks = encoder.Blocks.Count;
        _streams = [.. Enumerable.Range(0, blocks + 1).Select(_ => new Matrix<T>(maxRows, encoder.Width).View)];
        _gates = [.. Enumerable.Range(0, blocks).Select(_ => new Matrix<T>(maxRows, encoder.Width).View)];
        _inner = [.. Enumerable.Range(0, blocks).Select(_ => new Matrix<T>(maxRows, encoder.InnerWidth).View)];
        _outputs = new Matrix<T>(maxRows, encoder.Outputs);
        if (withGradients)
        {
            _outputGradient = new Matrix<T>(maxRows, encoder.Outputs);
            _streamGradient = new Matrix<T>(maxRows, encoder.Width);
            _gateGradient = new Matrix<T>(maxRows, encoder.Width);
            _innerGradient = new Matrix<T>(maxRows, encoder.InnerWidth);
        }
    }

    /// <summary>The heads of the first rows.</summary>
    public MatrixView<T> Outputs(int rows) => _outputs.Slice(0, rows);

    /// <summary>Where the gradient with respect to them goes.</summary>
    public MatrixView<T> OutputGradient(int rows) => _outputGradient.Slice(0, rows);

    /// <summary>Runs the network.</summary>
    public void Forward(AlignedBuffer<T> parameters, MatrixView<T> input)
    {
        int rows = input.Rows;
        _encoder.Input.Forward(parameters, input, _streams[0].Slice(0, rows));
        for (int b = 0; b < _gates.Length; b++)
        {
            (Dense up, Dense down) = _encoder.Blocks[b];
            MatrixView<T> before = _streams[b].Slice(0, rows), gate = _gates[b].Slice(0, rows), after = _streams[b + 1].Slice(0, rows);
            TensorPrimitives.Max(before.Entries, T.Zero, gate.Entries);
            up.Forward(parameters, gate, _inner[b].Slice(0, rows));
            down.Forward(parameters, _inner[b].Slice(0, rows), after);
            ElementLoops.Add(before, after);
        }

        _encoder.Heads.Forward(parameters, _streams[^1].Slice(0, rows), Outputs(rows));
    }

    /// <summary>After <see cref="Forward"/>: gradients of all parameters, overwritten, from <see cref="OutputGradient"/>.</summary>
    public void Backward(AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, MatrixView<T> input)
    {
        int rows = input.Rows;
        MatrixView<T> stream = _streamGradient.Slice(0, rows), inner = _innerGradient.Slice(0, rows);
        MatrixView<T> rectified = _gateGradient.Slice(0, rows);
        _encoder.Heads.Backward(
            parameters, gradient, _streams[^1].Slice(0, rows), OutputGradient(rows), stream, default, T.One, _scratch);
        for (int b = _gates.Length - 1; b >= 0; b--)
        {
            (Dense up, Dense down) = _encoder.Blocks[b];
            MatrixView<T> gate = _gates[b].Slice(0, rows), activations = _inner[b].Slice(0, rows);
            down.Backward(parameters, gradient, activations, stream, inner, activations, T.Zero, _scratch);
            up.Backward(parameters, gradient, gate, inner, rectified, gate, T.Zero, _scratch);
            ElementLoops.Add(rectified, stream);
        }

        _encoder.Input.Backward(parameters, gradient, input, stream, default, default, T.One, _scratch);
    }
}
