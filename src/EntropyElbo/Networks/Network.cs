using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// A network from rows to outputs. It owns no parameters, only their places in a layout, so one instance serves every precision and
/// thread; blocks live in a <see cref="NetworkWorkspace{T}"/>.
/// </summary>
internal abstract class Network
{
    /// <summary>Slope of the leaky rectifier for negative inputs (the papers' networks use PyTorch's default).</summary>
    public const double LeakySlope = 0.01;

    /// <summary>Weights of the first layer; of a network that begins with a dense layer, a row for each input.</summary>
    public abstract ParameterTensor FirstWeights { get; }

    /// <summary>Weights of the last layer.</summary>
    public abstract ParameterTensor LastWeights { get; }

    /// <summary>Bias of the last layer: an entry for each output or, for images, for each channel.</summary>
    public abstract ParameterTensor LastBias { get; }

    /// <summary>Places of running statistics, which no gradient moves.</summary>
    public virtual IReadOnlyList<BatchNormalisation> Normalisations => [];

    /// <summary>
    /// Weights and biases; the scale and shift of a normalised channel count as the one bias that they are in a trained network.
    /// </summary>
    public abstract int FreeParameters { get; }

    /// <summary>Empty sums for the curvature of every layer, from the input on.</summary>
    public abstract IReadOnlyList<LayerCurvature> CreateCurvature(ReadOnlySpan<float> parameters);

    /// <summary>Random weights, zero biases.</summary>
    public abstract void Initialise(Span<float> parameters, RandomStream random);

    /// <summary>Blocks for up to so many rows.</summary>
    /// <param name="maxRows">Most rows of a call.</param>
    /// <param name="withGradients">
    /// Whether it is for training: batches are then normalised by their own statistics, else each row by the running ones.
    /// </param>
    /// <param name="scratch">Scratch of the thread that calls.</param>
    /// <param name="team">Who may take part in a call; null for the calling thread alone.</param>
    public abstract NetworkWorkspace<T> CreateWorkspace<T>(int maxRows, bool withGradients, ProductScratch<T> scratch, WorkerTeam? team)
        where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>A network's activations and gradients for up to a fixed number of rows; one per thread.</summary>
internal abstract class NetworkWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>
    /// Whether normalisations take their running statistics in training too, so that rows do not depend on each other, and the
    /// gradient is that of the network as it is used.
    /// </summary>
    public bool IsFrozen { get; set; }

    /// <summary>Who is shown what goes through every layer, or null; a backward pass then works on one thread.</summary>
    public ILayerObserver<T>? Observer { get; set; }

    /// <summary>Runs the network on a block of rows.</summary>
    public abstract void Forward(AlignedBuffer<T> parameters, MatrixView<T> input);

    /// <summary>
    /// After <see cref="Forward"/>: gradients of all parameters, overwritten, from <see cref="OutputGradient"/>, and of the input where
    /// <paramref name="inputGradient"/> has data. In the places of running statistics it puts those of the batch.
    /// </summary>
    public abstract void Backward(AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, MatrixView<T> input, MatrixView<T> inputGradient);

    /// <summary>The outputs of the first rows.</summary>
    public abstract MatrixView<T> Output(int rows);

    /// <summary>Where the gradient with respect to them goes.</summary>
    public abstract MatrixView<T> OutputGradient(int rows);

    /// <summary>
    /// The outputs of every layer for the first rows, where a normalisation would mix rows those before it, with the number of
    /// lines that a row takes.
    /// </summary>
    public abstract IReadOnlyList<(MatrixView<T> Values, int LinesPerRow)> Layers(int rows);
}
