using System.Diagnostics;
using System.Globalization;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Speed of the three matrix products on the shapes of three networks, as a share of what this processor's multiply-add
/// units give on registers alone, and beside OpenBLAS (through numpy, one thread) where a python with numpy is found.
/// Only the useful operations count, 2*m*n*k; idle lanes, packing and transposing are losses. The measurements of a
/// round, peak and peer included, follow each other closely, and medians over rounds are reported, because clock
/// speed and neighbours vary.
/// </summary>
internal static class MatrixProductBenchmark
{
    private const int Rounds = 15;

    /// <summary>Layers as inputs x outputs.</summary>
    private static readonly (string Name, (int Inputs, int Outputs)[] Layers)[] s_nets =
    [
        ("18-128-24-12", [(18, 128), (128, 24), (24, 24), (12, 24), (24, 128), (128, 18)]),
        ("100-128-40-20", [(100, 128), (128, 40), (40, 40), (20, 40), (40, 128), (128, 100)]),
        ("784-512-256-64-32", [(784, 512), (512, 256), (256, 64), (32, 256), (256, 512), (512, 784)]),
    ];

    public static void Run(TextWriter output)
    {
        List<Case> cases = [.. Cases()];
        using PythonPeer? peer = PythonPeer.TryStart("product_openblas.py", ("OPENBLAS_NUM_THREADS", "1"));
        if (peer is null)
        {
            output.WriteLine("no python with numpy found: no OpenBLAS column (set PYTHON to name one)");
        }

        Measure(cases, peer);
        Report(cases, output);
    }

    private static IEnumerable<Case> Cases()
    {
        foreach ((string name, (int Inputs, int Outputs)[] layers) in s_nets)
        {
            foreach (int rows in (int[])[128, 256, 512])
            {
                foreach ((int inputs, int outputs) in layers)
                {
                    foreach (ProductForm form in Enum.GetValues<ProductForm>())
                    {
                        // Nobody asks for the gradient of the rows themselves.
                        if (form == ProductForm.Inputs && (inputs, outputs) == layers[0])
                        {
                            continue;
                        }

                        yield return new Case(name, rows, inputs, outputs, form);
                    }
                }
            }
        }
    }

    private static void Measure(List<Case> cases, PythonPeer? peer)
    {
        foreach (Case c in cases)
        {
            c.Warm();
        }

        MultiplyAddPeak.Measure();
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Case c in cases)
            {
                double theirs = peer is null
                    ? double.NaN
                    : double.Parse(peer.Ask(Text($"{c.Form} {c.Rows} {c.Inputs} {c.Outputs}")), CultureInfo.InvariantCulture);
                c.Warm();
                c.MeasureAgainstPeak();
                c.AddPeer(theirs);
            }
        }
    }

    private static void Report(List<Case> cases, TextWriter output)
    {
        output.WriteLine(Text($"multiply-add peak {Median(cases.SelectMany(c => c.Peaks)):F1} GFLOP/s, one thread, float"));
        foreach (IGrouping<(string, int), Case> net in cases.GroupBy(c => (c.Net, c.Rows)))
        {
            output.WriteLine();
            output.WriteLine(Text($"net {net.Key.Item1}, {net.Key.Item2} rows: GFLOP/s, share of peak, ratio to OpenBLAS"));
            foreach (IGrouping<(int Inputs, int Outputs), Case> layer in net.GroupBy(c => (c.Inputs, c.Outputs)))
            {
                string forms = string.Join("   ", layer.Select(c =>
                    Text($"{c.Form} {c.Speed,6:F1} {c.Share,4:P0} {c.Ratio,5:F2}")));
                output.WriteLine(Text($"  {layer.Key.Inputs,3} x {layer.Key.Outputs,-3}   {forms}"));
            }

            double flops = net.Sum(c => c.Flops), time = net.Sum(c => c.Flops / c.Speed);
            double ideal = net.Sum(c => c.Flops / c.Speed * c.Share), peer = net.Sum(c => c.Flops / c.Speed * c.Ratio);
            output.WriteLine(Text($"  all layers, forward and backward: {flops / time:F1} GFLOP/s, {ideal / time:P1} of peak, {peer / time:F2} x OpenBLAS"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>One form of one layer: C = X W, dX = dY W^T or dW = X^T dY.</summary>
    private sealed class Case(string net, int rows, int inputs, int outputs, ProductForm form)
    {
        private readonly ProductCase _product = new(rows, inputs, outputs, form);
        private const int Bursts = 5;
        private readonly List<double> _shares = [], _speeds = [], _ratios = [];

        public string Net => net;

        public int Rows => rows;

        public int Inputs => inputs;

        public int Outputs => outputs;

        public ProductForm Form => form;

        public double Flops => 2.0 * rows * inputs * outputs;

        public List<double> Peaks { get; } = [];

        public double Speed => Median(_speeds);

        public double Share => Median(_shares);

        public double Ratio => Median(_ratios);

        public void Warm() => Time(Repeats);

        /// <summary>
        /// Bursts of the product between bursts of the peak of the same length: the clock of a shared processor wanders, so a
        /// burst is held against the mean of its neighbours.
        /// </summary>
        public void MeasureAgainstPeak()
        {
            double before = MultiplyAddPeak.Measure();
            for (int i = 0; i < Bursts; i++)
            {
                double own = Flops * Repeats / Time(Repeats) / 1e9;
                double after = MultiplyAddPeak.Measure();
                _speeds.Add(own);
                _shares.Add(2 * own / (before + after));
                Peaks.Add(after);
                before = after;
            }
        }

        /// <summary>The peer gives the best of a few short runs, so it is held against the best burst of this round.</summary>
        public void AddPeer(double peer) => _ratios.Add(_speeds.TakeLast(Bursts).Max() / peer);

        /// <summary>A fraction of a millisecond's worth: shorter than a time slice.</summary>
        private int Repeats => Math.Max(1, (int)(2e7 / Flops));

        private double Time(int repeats)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++)
            {
                _product.Run();
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
