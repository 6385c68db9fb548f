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
/// the curvature of every layer, by the gradients of the rows and by those of rows that the model draws at the same latents. A product of
/// the two gradients is unbiased: noise leaves no floor in it.
/// </summary>
internal sealed class VaeCurvaturePass : IBlockWork
{
    /// <summary>Draws of the noise.</summary>
    public const int Draws = 2;

    /// <summary>Blocks at least, where there are so many rows: their scatter says how large the noise is.</summary>
    private const int LeastBlocks = 8;

    /// <summary>Rows of a block at least.</summary>
    private const int LeastRows = 16;

    /// <summary>Rows of a block of images at most: a block has all maps of its networks in memory.</summary>
    private const int MostImages = 32;

    /// <summary>Images that the curvature is taken from: their windows' second moments cost more than the gradients of all images.</summary>
    private const int CurvedImages = 2048;

    /// <summary>Rows drawn for each of the data's at most, where these are fewer than a layer has outputs.</summary>
    private const int MostDrawn = 16;

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
    private readonly int _drawnPerRow;
    private readonly long _curvedEvery;
    private long _curvedRows;

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
        int most = network.Architecture.Images is null ? int.MaxValue : MostImages;
        _blockRows = (int)Math.Clamp(
            header.Training.Rows / LeastBlocks, LeastRows, Math.Min(most, LatentModel.RowsOfBlock(network.Architecture.Columns)));
        _curvedEvery = network.Architecture.Images is null ? 1 : Math.Max(1, header.Training.Rows / CurvedImages);
        _workers = new Worker?[threads];
        for (int draw = 0; draw < Draws; draw++)
        {
            _gradients[draw] = new double[network.Layout.Length];
        }

        Blocks = ParameterBlock.Of(network);
        _squares = new double[Blocks.Count];
        Layers = [.. Networks.SelectMany(n => n.CreateCurvature(parameters.Span))];
        long widest = Layers.Max(l => l.Product.Outputs.IsDiagonal ? 1 : l.Product.Outputs.Width);
        _drawnPerRow = (int)Math.Clamp(widest / Math.Max(1, header.Training.Rows), 1, MostDrawn);
    }

    /// <summary>The blocks of parameters.</summary>
    public IReadOnlyList<ParameterBlock> Blocks { get; }

    /// <summary>Curvature of every layer, summed over rows and draws; the first blocks are theirs.</summary>
    public IReadOnlyList<LayerCurvature> Layers { get; }

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>As <see cref="LayerCurvature.Step"/>.</summary>
    public void Step(int layer, ReadOnlySpan<double> gradient, Span<double> target) =>
        Layers[layer].Step(gradient, target, Draws * _curvedRows);

    /// <summary>Half the squared decrement of a layer, for both gradients.</summary>
    public double HalfDecrement(int layer) =>
        Layers[layer].HalfDecrement(_gradients[0], _gradients[1], Draws * _curvedRows, (double)Draws * _curvedRows * _drawnPerRow);

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
        foreach (LayerCurvature layer in worker.Layers)
        {
            layer.Clear();
        }

        bool isCurved = IsCurved(place);
        worker.Observe(isCurved);
        for (int draw = 0; draw < Draws; draw++)
        {
            worker.Work.FillNoise(
                new RandomStream(1, RandomPurpose.EvaluationNoise, FirstStream + (ulong)draw, (ulong)(place.FirstRow / _blockRows)),
                place.Count);
            worker.Sums.Clear();
            _objective.Gradient(_parameters, worker.Gradients[draw], worker.Work, place.Count, _klWeight, worker.Sums);
            if (isCurved)
            {
                Draw(worker, place, new RandomStream(
                    1, RandomPurpose.EvaluationNoise, FirstStream + Draws + (ulong)draw, (ulong)(place.FirstRow / _blockRows)));
            }
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

        if (!IsCurved(place))
        {
            return;
        }

        _curvedRows += place.Count;
        for (int i = 0; i < Layers.Count; i++)
        {
            Layers[i].Merge(worker.Layers[i]);
        }
    }

    /// <summary>Every block, or so many of a larger set of images, spread evenly.</summary>
    private bool IsCurved(BlockPlace place) => place.FirstRow / _blockRows % _curvedEvery == 0;

    private IEnumerable<Network> Networks => new[] { _network.Encoder, _network.Decoder, _network.Variances }.OfType<Network>();

    private void Draw(Worker worker, BlockPlace place, RandomStream random)
    {
        Span<double> values = worker.Values.AsSpan(0, place.Count * _header.Scaling.Columns);
        worker.SetDrawn(true);
        DrawnRows<float> drawn = new(random, values, worker.Drawn.Slice(0, place.Count));
        for (int i = 0; i < _drawnPerRow; i++)
        {
            _objective.DrawnGradient(_parameters, worker.Scratch, worker.Work, _klWeight, drawn, worker.Sums);
        }

        worker.SetDrawn(false);
    }

    private sealed class Worker
    {
        private readonly List<CurvatureSums<float>> _curvature = [];
        private readonly NetworkWorkspace<float>[] _parts;

        public Worker(VaeCurvaturePass pass)
        {
            int columns = pass._header.Scaling.Columns, length = pass._network.Layout.Length;
            Values = new double[pass._blockRows * columns];
            Drawn = new Matrix<float>(pass._blockRows, columns);
            Work = new VaeWorkspace<float>(pass._network, pass._blockRows, withGradients: true);
            Gradients = [new(length), new(length)];
            Scratch = new(length);
            Sums = new ElboStatistics(pass._network.Architecture.Latents, pass._objective.MomentCount);
            _parts = [.. new[] { Work.Encoder, Work.Decoder, Work.Variances }.OfType<NetworkWorkspace<float>>()];
            foreach ((Network network, NetworkWorkspace<float> part) in pass.Networks.Zip(_parts))
            {
                _curvature.Add(new CurvatureSums<float>(network.CreateCurvature(pass._parameters.Span)));
                part.IsFrozen = true;
            }

            Layers = [.. _curvature.SelectMany(c => c.Layers)];
        }

        public double[] Values { get; }

        public MatrixView<float> Drawn { get; }

        public VaeWorkspace<float> Work { get; }

        public AlignedBuffer<float>[] Gradients { get; }

        /// <summary>The gradient by drawn rows, which nobody needs.</summary>
        public AlignedBuffer<float> Scratch { get; }

        public ElboStatistics Sums { get; }

        public IReadOnlyList<LayerCurvature> Layers { get; }

        /// <summary>Whether the next backward passes add to the curvature.</summary>
        public void Observe(bool isCurved)
        {
            for (int i = 0; i < _parts.Length; i++)
            {
                _parts[i].Observer = isCurved ? _curvature[i] : null;
            }
        }

        public void SetDrawn(bool areDrawn)
        {
            foreach (CurvatureSums<float> sums in _curvature)
            {
                sums.AreDrawn = areDrawn;
            }
        }
    }
}
