using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The steps of minibatch training on a device. Nothing is read back within an epoch, so launches run ahead of the device.
/// </summary>
internal sealed class TorchVaeRunner : IStepRunner
{
    private readonly VaeGraph _graph;
    private readonly VaeUpdate _update;
    private readonly VaeNetwork _network;
    private readonly GaussianVaeOptions _options;
    private readonly TrainingState _state;
    private readonly TorchRows _rows;
    private readonly Device _device;
    private readonly Generator _generator;
    private readonly Tensor _sums;
    private readonly TensorFloats _tensorFloats;
    private readonly Tensor _norm;
    private long _rowsDone;

    public TorchVaeRunner(VaeStepsTask task, Device device, TorchOptions torchOptions)
    {
        VaeNetwork network = _network = task.Network;
        GaussianVaeOptions options = _options = task.Options;
        TrainingState state = _state = task.State;
        _device = device;
        _tensorFloats = new TensorFloats(torchOptions.Precision);

        // Not every libtorch has a gradient of transposed convolutions in bfloat16 on the CPU.
        bool unfolds = device.type == DeviceType.CUDA ? torchOptions.Deterministic : torchOptions.Precision == TorchPrecision.BFloat16;
        _graph = new VaeGraph(network, device, torchOptions.Precision, unfolds);
        _update = new VaeUpdate(_graph, options.VarianceUpdate, state);
        _rows = new TorchRows(task.Rows, network.Architecture.Columns, device);
        _generator = new Generator(0, device);
        _sums = zeros(_graph.Sums.Length, dtype: float64, device: device);
        _norm = zeros([], dtype: float32, device: device);
        _update.Load();
    }

    /// <inheritdoc/>
    public double GradientNorm { get; private set; }

    /// <inheritdoc/>
    public void Step(int epoch, int batch, StepWeights weights, double learningRate, ElboStatistics sums)
    {
        if (batch == 0)
        {
            // Noise is a function of seed and epoch, so a resumed fit goes on with the same.
            _generator.manual_seed((long)new RandomStream(_options.Training.Seed, RandomPurpose.TrainingNoise, (ulong)epoch).NextBits());
        }

        try
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = Augmented(_rows.Batch());
            x = _options.Training.Samples > 1 ? x.repeat_interleave(_options.Training.Samples, dim: 0) : x;
            Tensor noise = randn([x.shape[0], _network.Architecture.Latents], dtype: float32, device: _device, generator: _generator);
            Step(x, noise, weights, learningRate, keepsNorm: batch == 0);
        }
        catch (System.Runtime.InteropServices.ExternalException error)
            when (error.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase))
        {
            throw new BadOptionException("batch", $"A batch of {_rows.BatchRows} rows does not fit the memory of {_device}; {Fitting()}");
        }
    }

    /// <summary>Images turned about their vertical axis by the toss of a coin, where the options ask for it.</summary>
    private Tensor Augmented(Tensor x) => _network.Architecture.Images is { HorizontalFlips: true } images
        ? ConvolutionGraph.Flip(x, images.Shape, rand([x.shape[0], 1], dtype: float32, device: _device, generator: _generator).IsBelow(0.5))
        : x;

    /// <summary>One update from given rows and noise.</summary>
    public void Step(Tensor x, Tensor noise, StepWeights weights, double learningRate, bool keepsNorm = false)
    {
        _graph.Gradient.zero_();
        (Tensor loss, Tensor sums) = _graph.Objective(x, noise, weights);
        Tensor scale = _update.Scale(sums, x.shape[0]);
        (loss * scale).backward();
        using IDisposable none = no_grad();
        _sums.PlusInPlace(sums);
        _rowsDone += x.shape[0];
        if (keepsNorm)
        {
            // The scale has the rows in it, and is no part of the objective.
            _norm.copy_(_graph.Gradient.Square().sum().sqrt() / scale.Times(x.shape[0]));
        }

        _update.Apply(sums, scale, x.shape[0], learningRate, weights);
    }

    /// <summary>The gradient and the sums of given rows and noise, without an update.</summary>
    internal float[] GradientOf(Tensor x, Tensor noise, StepWeights weights, ElboStatistics sums)
    {
        _graph.Gradient.zero_();
        (Tensor loss, Tensor batch) = _graph.Objective(x, noise, weights);
        loss.backward();
        _sums.PlusInPlace(batch);
        _rowsDone += x.shape[0];
        EndEpoch(sums);
        float[] gradient = new float[_network.Layout.Length];
        _graph.Layout.ToHost(_graph.Gradient, gradient);
        return gradient;
    }

    /// <inheritdoc/>
    public void EndEpoch(ElboStatistics sums)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] values = Transfers.ToHost(_sums);
        _sums.zero_();
        GradientNorm = Transfers.ToHost(_norm.to(float64).reshape(1))[0];
        sums.Rows += _rowsDone;
        _graph.Sums.AddTo(sums, values);
        _rowsDone = 0;
        _update.Store();
        if (!sums.IsFinite)
        {
            throw new TrainingException(
                $"A value stopped being finite in epoch {_state.Epoch + 1} on {_device}; the CPU engine names batch, row and layer.");
        }
    }

    public void Dispose()
    {
        _sums.Dispose();
        _norm.Dispose();
        _generator.Dispose();
        _rows.Dispose();
        _update.Dispose();
        _graph.Dispose();
        _tensorFloats.Dispose();
    }

    /// <summary>Tries smaller batches on the device.</summary>
    private string Fitting()
    {
        for (int rows = _rows.BatchRows / 2; rows > 0; rows /= 2)
        {
            try
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor x = zeros([rows, _network.Architecture.Columns], dtype: float32, device: _device);
                (Tensor loss, _) = _graph.Objective(x, zeros([rows, _network.Architecture.Latents], dtype: float32, device: _device), 1);
                loss.backward();
                return $"{rows} rows fit.";
            }
            catch (System.Runtime.InteropServices.ExternalException)
            {
                // Not that either.
            }
        }

        return "no smaller batch fits either: take smaller networks, the CPU, or another GPU.";
    }
}
