using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Amortised learning of sparse coding on a device: rows, network, its gradient and its optimiser stay there; the sums of a batch's
/// codes and the gradient by the fields come back, from which the library closes the scales and turns the fields.
/// </summary>
internal sealed class TorchAmortisedSteps : IAmortisedSteps
{
    private readonly AmortisedState _state;
    private readonly AmortisedGraph _graph;
    private readonly DeviceAdam _adam;
    private readonly TorchRows _rows;
    private readonly Device _device;
    private readonly TensorFloats _tensorFloats;
    private SparseCodingParameters _parameters = null!;

    public TorchAmortisedSteps(AmortisedStepsTask task, Device device, TorchOptions options)
    {
        (_state, _device) = (task.State, device);
        _tensorFloats = new TensorFloats(options.Precision);
        _graph = new AmortisedGraph(task.State.Encoder, device, options.Precision);
        _adam = new DeviceAdam(_graph.Network, task.State.Adam);
        _rows = new TorchRows(task.Rows, task.State.Encoder.Network.Columns, device);
        Load();
    }

    /// <inheritdoc/>
    public void Encode(SparseCodingParameters parameters, double prior, double noise, bool isLearning, SparseCodingSums sums)
    {
        _parameters = parameters;
        try
        {
            using DisposeScope scope = NewDisposeScope();
            Encode(_rows.Batch(), parameters, prior, noise, isLearning, sums);
        }
        catch (System.Runtime.InteropServices.ExternalException error)
            when (error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
            throw new BadOptionException(
                "batch", $"A batch of {_rows.BatchRows} rows does not fit the memory of {_device}: take a smaller one, or the CPU.");
        }
    }

    /// <summary>Codes of given rows, in the scope of the caller.</summary>
    internal void Encode(
        Tensor x, SparseCodingParameters parameters, double prior, double noise, bool isLearning, SparseCodingSums sums)
    {
        _parameters = parameters;
        _graph.Use(parameters);
        _graph.Network.Gradient.zero_();
        _graph.FieldGradient.zero_();
        using IDisposable? none = isLearning ? null : no_grad();
        (Tensor loss, Tensor values) = _graph.Objective(x, prior, noise);
        if (isLearning)
        {
            loss.backward();
        }

        CodeSums.Fill(Transfers.ToHost(values), x.shape[0], sums);
    }

    /// <inheritdoc/>
    public void FieldGradients(MatrixView<double> gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        ElementLoops.Load(Transfers.ToHost(_graph.FieldGradient.to(float64)), gradient.Rows, gradient);
        for (int h = 0; h < gradient.Rows; h++)
        {
            System.Numerics.Tensors.TensorPrimitives.Negate(gradient[h], gradient[h]);
        }

        _parameters.ToTangents(gradient);
    }

    /// <inheritdoc/>
    public void Learn(double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable none = no_grad();
        _adam.Step(learningRate);
    }

    /// <inheritdoc/>
    public void Load() => _adam.Load(_state.Encoder.Parameters.Span);

    /// <inheritdoc/>
    public void Store() => _adam.Store(_state.Encoder.Parameters.Span);

    /// <summary>The gradient of minus the batch's mean weighted ELBO by the network's parameters, as the host lays them out.</summary>
    internal float[] NetworkGradient()
    {
        float[] gradient = new float[_state.Encoder.Network.Layout.Length];
        _graph.Network.Layout.ToHost(_graph.Network.Gradient, gradient);
        return gradient;
    }

    public void Dispose()
    {
        _rows.Dispose();
        _adam.Dispose();
        _graph.Dispose();
        _tensorFloats.Dispose();
    }
}
