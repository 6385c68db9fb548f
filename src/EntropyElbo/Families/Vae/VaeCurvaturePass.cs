using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae;

/// <summary>
/// One pass over the rows for a VAE's certificate: its gradient with two draws of the noise that do not depend on each other, and
/// the curvature of every dense layer. A product of the two gradients is unbiased: noise leaves no floor in it.
/// </summary>
internal sealed class VaeCurvaturePass : IBlockWork
{
    /// <summary>Draws of the noise.</summary>
    public const int Draws = 2;

    /// <summary>Blocks at least, where there are so many rows: their scatter says how large the noise is.</summary>
    private const int LeastBlocks = 8;

    /// <summary>Rows of a block at least.</summary>
    private const int LeastRows = 16;

    /// <summary>Streams of noise beside that of reports.</summary>
    private const ulong FirstStream = 2;

    private readonly VaeNetwork _network;
    private readonly GaussianVaeObjective<float> _objective;
    private readonly AlignedBuffer<float> _parameters;
    private readonly double _klWeight;
    private readonly ModelHeader _header;
    private readonly IRowCursor _cursor;
    private readonly int _blockRows;
    private readonly Worker?[] _workers;
    private readonly double[][] _gradients = new double[Draws][];
    private readonly double[] _squares;

    /// <param name="network">The networks.</param>
    /// <param name="parameters">Their parameters.</param>
    /// <param name="klWeight">Weight of the KL term in what was climbed.</param>
    /// <param name="header">Scaling, column names and number of rows.</param>
    /// <param name="cursor">The rows.</param>
    /// <param name="threads">Threads.</param>
    public VaeCurvaturePass(
        VaeNetwork network, AlignedBuffer<float> parameters, double klWeight, ModelHeader header, IRowCursor cursor, int threads)
    {
        _network = network;
        _objective = new GaussianVaeObjective<float>(network);
        _parameters = parameters;
        _klWeight = klWeight;
        _header = header;
        _cursor = cursor;
        _blockRows = (int)Math.Clamp(header.Training.Rows / LeastBlocks, LeastRows, LatentModel.RowsOfBlock(network.Architecture.Columns));
        _workers = new Worker?[threads];
        for (int draw = 0; draw < Draws; draw++)
        {
            _gradients[draw] = new double[network.Layout.Length];
        }

        Blocks = ParameterBlock.Of(network);
        _squares = new double[Blocks.Count];
        Factors = CreateFactors();
    }

    /// <summary>The blocks of parameters.</summary>
    public IReadOnlyList<ParameterBlock> Blocks { get; }

    /// <summary>Curvature of every dense layer, summed over rows and draws.</summary>
    public IReadOnlyList<KroneckerFactors> Factors { get; }

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Makes the pass.</summary>
    public void Run(CancellationToken cancellation)
    {
        if (!OrderedBlocks.Run(this, _workers.Length, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        foreach (double[] gradient in _gradients)
        {
            System.Numerics.Tensors.TensorPrimitives.Divide(gradient, Rows, gradient);
        }
    }

    /// <summary>After <see cref="Run"/>: slopes of the mean ELBO by every parameter, from one draw of the noise.</summary>
    public ReadOnlySpan<double> Gradient(int draw) => _gradients[draw];

    /// <summary>
    /// After <see cref="Run"/>: standard error of a block's slope along its scale, averaged over the draws, by how the blocks of
    /// rows differ between them.
    /// </summary>
    public double Error(int block) => 0.5 * Math.Sqrt(_squares[block]) / Rows;

    public int Take(long firstRow, int worker) => _cursor.Read((_workers[worker] ??= new Worker(this)).Values);

    public void Compute(BlockPlace place)
    {
        Worker worker = _workers[place.Worker]!;
        Span<double> values = worker.Values.AsSpan(0, place.Count * _header.Scaling.Columns);
        _header.Scaling.Apply(values);
        SingleRange.Load(values, place.Count, worker.Work.Rows, place.FirstRow, _header.ColumnNames);
        foreach (KroneckerFactors factors in worker.Factors)
        {
            factors.Clear();
        }

        for (int draw = 0; draw < Draws; draw++)
        {
            worker.Work.FillNoise(
                new RandomStream(1, RandomPurpose.EvaluationNoise, FirstStream + (ulong)draw, (ulong)(place.FirstRow / _blockRows)),
                place.Count);
            worker.Sums.Clear();
            _objective.Gradient(_parameters, worker.Gradients[draw], worker.Work, place.Count, _klWeight, worker.Sums);
            AddCurvature(worker, place.Count);
        }
    }

    public void Merge(BlockPlace place)
    {
        Worker worker = _workers[place.Worker]!;
        Rows += place.Count;
        for (int draw = 0; draw < Draws; draw++)
        {
            // The objective's gradient is that of minus the ELBO.
            ReadOnlySpan<float> from = worker.Gradients[draw].Span;
            double[] to = _gradients[draw];
            for (int i = 0; i < to.Length; i++)
            {
                to[i] -= from[i];
            }
        }

        for (int i = 0; i < _squares.Length; i++)
        {
            double difference = Blocks[i].Slope(_parameters.Span, worker.Gradients[0].Span)
                - Blocks[i].Slope(_parameters.Span, worker.Gradients[1].Span);
            _squares[i] += difference * difference;
        }

        for (int i = 0; i < Factors.Count; i++)
        {
            Factors[i].Merge(worker.Factors[i]);
        }
    }

    private static void AddCurvature(Worker worker, int rows)
    {
        VaeWorkspace<float> work = worker.Work;
        MatrixView<float> latents = work.Latents.Slice(0, rows);
        int next = 0;
        foreach (LayerFlow<float> flow in work.Encoder.Flows(work.EncoderInput(rows)).Concat(work.Decoder.Flows(latents)).Concat(work.Variances?.Flows(latents) ?? []))
        {
            worker.Factors[next++].Add(flow, worker.Scratch);
        }
    }

    private KroneckerFactors[] CreateFactors() =>
    [
        .. new[] { _network.Encoder, _network.Decoder, _network.Variances }.OfType<Perceptron>().SelectMany(p => p.Layers)
            .Select(layer => new KroneckerFactors(layer.Weights, layer.Bias)),
    ];

    private sealed class Worker(VaeCurvaturePass pass)
    {
        public double[] Values { get; } = new double[pass._blockRows * pass._header.Scaling.Columns];

        public VaeWorkspace<float> Work { get; } = new(pass._network, pass._blockRows, withGradients: true);

        public AlignedBuffer<float>[] Gradients { get; } = [new(pass._network.Layout.Length), new(pass._network.Layout.Length)];

        public ElboStatistics Sums { get; } = new(pass._network.Architecture.Latents, pass._objective.MomentCount);

        public KroneckerFactors[] Factors { get; } = pass.CreateFactors();

        public CurvatureScratch<float> Scratch { get; } = new();
    }
}
