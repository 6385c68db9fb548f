using System.Globalization;
using EntropyElbo.Numerics;
using EntropyElbo.Streaming;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>The change alarm of the one-pass learner: how often it is wrong at rest, and how long it takes.</summary>
internal static class AlarmExperiments
{
    private const int Columns = 10;
    private const int Before = 50_000;
    private const int After = 50_000;
    private const double Noise = 0.5;
    private static readonly double[] Deviations = [4, 2, 1];

    public static void Run(TextWriter output, int seeds, int atRest)
    {
        output.WriteLine("| stream at rest | rows | alarms | alarms per million rows |");
        output.WriteLine("|---|---|---|---|");
        AtRest(output, "Gaussian", seeds, atRest, new Rows());
        AtRest(output, "Student's t with 5 degrees of freedom, columns scaled together", seeds, atRest, new Rows { HeavyTails = true });
        AtRest(output, "Gaussian, each row 0.5 of the last", seeds, atRest, new Rows { Persistence = 0.5 });
        AtRest(output, "Gaussian, each row 0.9 of the last", seeds, atRest, new Rows { Persistence = 0.9 });
        output.WriteLine();
        output.WriteLine("| change | found within 50,000 rows | rows until the alarm: median, largest | alarms before it |");
        output.WriteLine("|---|---|---|---|");
        Change(output, "none", seeds, new Rows());
        foreach (double shift in (double[])[0.1, 0.25, 0.5, 1])
        {
            Change(output, Text($"a noise column's mean moves by {shift} of its deviation"), seeds, new Rows { Shift = shift * Noise });
        }

        foreach (double factor in (double[])[1.1, 1.25, 2, 0.5])
        {
            Change(output, Text($"all noise variances times {factor}"), seeds, new Rows { NoiseFactor = factor });
        }

        foreach (double angle in (double[])[2, 5, 10, 45])
        {
            Change(output, Text($"the strongest direction turns by {angle} degrees"), seeds, new Rows { Angle = angle * Math.PI / 180 });
        }

        foreach (double deviation in (double[])[0.25, 0.5, 1])
        {
            Change(output, Text($"a new direction with deviation {deviation}"), seeds, new Rows { Extra = deviation });
        }

        Change(output, "the weakest direction goes", seeds, new Rows { DropsWeakest = true });
    }

    private static void AtRest(TextWriter output, string name, int seeds, int count, Rows rows)
    {
        int alarms = 0;
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            alarms += Alarms(rows, seed, count, count).Count;
        }

        double total = (double)seeds * count;
        output.WriteLine(Text($"| {name} | {total:N0} | {alarms} | {1e6 * alarms / total:F2} |"));
    }

    private static void Change(TextWriter output, string name, int seeds, Rows rows)
    {
        List<long> delays = [];
        int early = 0;
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            List<long> alarms = Alarms(rows, seed, Before + After, Before);
            early += alarms.Count(a => a <= Before);
            if (alarms.Find(a => a > Before) is long found and > 0)
            {
                delays.Add(found - Before);
            }
        }

        delays.Sort();
        string times = delays.Count == 0 ? "-" : Text($"{delays[delays.Count / 2]:N0}, {delays[^1]:N0}");
        output.WriteLine(Text($"| {name} | {delays.Count} of {seeds} | {times} | {early} |"));
    }

    private static List<long> Alarms(Rows rows, ulong seed, int count, int change)
    {
        List<long> alarms = [];
        StreamingPca learner = new(Columns);
        double[] block = new double[1000 * Columns];
        Rows.Source source = rows.Begin(seed);
        for (int start = 0; start < count; start += 1000)
        {
            source.Fill(block, start >= change);
            learner.Add(block, reading =>
            {
                if (reading.ChangedAt is { } row)
                {
                    alarms.Add(row);
                }
            });
        }

        return alarms;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Three directions with deviations 4, 2, 1 among ten columns of noise 0.5, and what changes.</summary>
    private sealed record Rows
    {
        public double Shift { get; init; }

        public double NoiseFactor { get; init; } = 1;

        public double Angle { get; init; }

        public double Extra { get; init; }

        public bool DropsWeakest { get; init; }

        public bool HeavyTails { get; init; }

        public double Persistence { get; init; }

        public Source Begin(ulong seed) => new(this, seed);

        public sealed class Source(Rows rows, ulong seed)
        {
            private readonly RandomStream _random = new(seed, RandomPurpose.Generation, 78);
            private readonly double[] _last = new double[Columns];

            public void Fill(double[] block, bool changed)
            {
                double noise = Noise * Math.Sqrt(changed ? rows.NoiseFactor : 1), angle = changed ? rows.Angle : 0;
                double fresh = Math.Sqrt(1 - (rows.Persistence * rows.Persistence));
                for (int n = 0; n < block.Length; n += Columns)
                {
                    Span<double> row = block.AsSpan(n, Columns);
                    _random.FillGaussian(row);
                    for (int d = 0; d < Columns; d++)
                    {
                        bool isDirection = d < Deviations.Length && !(changed && rows.DropsWeakest && d == Deviations.Length - 1);
                        double variance = (noise * noise) + (isDirection ? Deviations[d] * Deviations[d] : 0);
                        variance += changed && d == 5 ? rows.Extra * rows.Extra : 0;
                        row[d] = _last[d] = (rows.Persistence * _last[d]) + (fresh * row[d] * Math.Sqrt(variance));
                    }

                    (row[0], row[6]) = ((Math.Cos(angle) * row[0]) - (Math.Sin(angle) * row[6]), (Math.Sin(angle) * row[0]) + (Math.Cos(angle) * row[6]));
                    row[9] += changed ? rows.Shift : 0;
                    if (rows.HeavyTails)
                    {
                        System.Numerics.Tensors.TensorPrimitives.Multiply(row, TailFactor(), row);
                    }
                }
            }

            /// <summary>sqrt(3 / chi^2_5): unit variance of a t with 5 degrees of freedom.</summary>
            private double TailFactor()
            {
                double sum = 0;
                for (int i = 0; i < 5; i++)
                {
                    double z = _random.NextGaussian();
                    sum += z * z;
                }

                return Math.Sqrt(3 / sum);
            }
        }
    }
}
