using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Idx;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Tables and pictures of sparse coding on patches of images (V sec. 4.2, App. D.3 to D.5), and the course of bars (V Fig. 2, 5).</summary>
internal static class SparsePatchExperiments
{
    /// <summary>V Table 1, Fig. 3 without the amortised fits, 4, 9 to 12: every annealing over the same passes.</summary>
    public static void Annealings(TextWriter output, string path, int latents, int[] epochs, string folder, string[] annealings)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(path));
        ImageShape image = ((IdxRows)RowSources.Open(path)).Image!;
        double[] values = rows.ReadAll().Values;
        output.WriteLine("| annealing | epoch | gamma, delta | H[p(z)] | H[p(x\\|z)] | H[q] | LH, all rows | ELBO | LH, mean of batches | Gini of draws | Gini of means | s |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        List<PlotSeries> elbos = [], ginis = [];
        foreach (string annealing in annealings)
        {
            List<(double, double)> elbo = [], gini = [];
            SparseCodingOptions options = Options(latents) with { Annealing = AnnealingSchedule.Parse(annealing) };
            string name = annealing.Split(':')[0];
            double seconds = 0;
            foreach (FitResult fit in SparseStages.Of(rows, options, epochs))
            {
                SparseCodingModel model = (SparseCodingModel)fit.Model;
                int epoch = model.Training.Epochs;
                seconds += fit.Elapsed.TotalSeconds;
                (double prior, double noise) = options.Annealing.At(epoch - 1);
                SparseJudgement judged = SparseJudgement.Of(model.Parameters, values, prior, noise, isDiagonal: true);
                SparseCodingObjective terms = judged.Objective;
                ElboReport report = model.Report.Summary;
                output.WriteLine(Text(
                    $"| {annealing} | {epoch} | {prior:G3}, {noise:G3} | {terms.ClosedPriorEntropy:F2} | {terms.ClosedNoiseEntropy:F2} | {terms.Entropy:F2} | {terms.EntropyForm():F2} | {report.Elbo:F2} | {model.Training.BatchEntropySum:F2} | {judged.Gini.Mean:F3} +- {judged.Gini.Deviation:F3} | {judged.Gini.OfMeans:F3} | {seconds:F1} |"));
                output.Flush();
                elbo.Add((epoch, report.Elbo));
                gini.Add((epoch, judged.Gini.Mean));
                SparseStages.Draw(folder, Text($"fields-{name}-{latents}-{epoch}.png"), model, image);
                if (epoch == epochs[^1])
                {
                    Spectrum(output, annealing, model);
                }
            }

            elbos.Add(SparseStages.Line(annealing, elbos.Count, elbo));
            ginis.Add(SparseStages.Line(annealing, ginis.Count, gini));
        }

        PlotFigure.Write(Path.Combine(folder, Text($"annealing-{latents}.svg")), "ELBO and Gini index over epochs for kinds of annealing", 2,
            [Panel("ELBO with gamma = delta = 1", "nats per row", elbos, 0.5), Panel("Gini index of draws from q", "", ginis, 1)]);
    }

    /// <summary>What "sparsenet" would be: dictionaries by maximum a posteriori, and what they are worth as a model.</summary>
    public static void MaximumAPosteriori(TextWriter output, string path, int latents, int epochs, double[] factors)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(path));
        double[] values = rows.ReadAll().Values;
        SparseCodingModel ours = (SparseCodingModel)new SparseCodingTrainer(Options(latents) with { Iterations = epochs, Annealing = AnnealingSchedule.Parse("prior") })
            .Fit(rows, new FitContext { Certificate = false }).Model;
        double penalty = ours.NoiseVariance / ours.Scales.ToArray().Average();
        output.WriteLine(Text($"our fit, {epochs} epochs, prior annealing: ELBO {ours.Report.Summary.Elbo:F2}, sigma^2 / mean lambda {penalty:G4}"));
        output.WriteLine("| dictionary by | penalty, of sigma^2 / mean lambda | ELBO | Gini of draws | Gini of means | s |");
        output.WriteLine("|---|---|---|---|---|---|");
        Judge("our ELBO, its fields alone kept", double.NaN, Fields(ours), 0);
        using SparseDictionaryPeer? peer = SparseDictionaryPeer.TryStart(values, rows.Columns);
        foreach (double factor in factors)
        {
            if (peer is not null)
            {
                (double[][] learned, double seconds, _, _) = peer.Learn(latents, factor * penalty, epochs, Environment.ProcessorCount, codes: false);
                Judge("scikit-learn " + peer.Versions, factor, learned, seconds);
            }

            Stopwatch watch = Stopwatch.StartNew();
            double[][] limit = Limit(ours, values, factor, epochs * 4);
            Judge(Text($"our E-step at weights of {LimitWeight}"), factor, limit, watch.Elapsed.TotalSeconds);
        }

        void Judge(string name, double factor, double[][] fields, double seconds)
        {
            SparseJudgement judged = SparseJudgement.OfFields(fields, values, ours.Parameters, isDiagonal: true);
            output.WriteLine(Text(
                $"| {name} | {factor:G3} | {judged.Objective.Elbo:F2} | {judged.Gini.Mean:F3} +- {judged.Gini.Deviation:F3} | {judged.Gini.OfMeans:F3} | {seconds:F1} |"));
            output.Flush();
        }
    }

    /// <summary>V Fig. 2 and 5: bars, the fields found, and the entropies on the way.</summary>
    public static void Course(TextWriter output, string folder)
    {
        InMemoryRows rows = Bars.Create(1000, 1);
        SparseCodingOptions options = new() { Latents = 10, Covariance = SparseCovariance.Full };
        int[] stages = [1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 85, 113, 150, 200, 266, 354, 471, 626, 844];
        List<(double Epoch, ElboReport Report)> course = [];
        foreach (FitResult fit in SparseStages.Of(rows, options, stages))
        {
            course.Add((fit.Model.Training.Epochs, fit.Model.Report.Summary));
            SparseStages.Draw(folder, "fields-bars.png", fit.Model, new ImageShape(5, 5));
        }

        output.WriteLine("| iteration | ELBO | H[q] | H[p(z)] | H[p(x\\|z)] |");
        output.WriteLine("|---|---|---|---|---|");
        foreach ((double epoch, ElboReport r) in course)
        {
            output.WriteLine(Text($"| {epoch} | {r.Elbo:F3} | {r.EncoderEntropy:F3} | {r.PriorEntropy:F3} | {r.DecoderEntropy:F3} |"));
        }

        PlotSeries[] series =
        [
            SparseStages.Line("ELBO", 0, course.Select(c => (c.Epoch, c.Report.Elbo))),
            SparseStages.Line("H[q]", 1, course.Select(c => (c.Epoch, c.Report.EncoderEntropy))),
            SparseStages.Line("-H[p(z)]", 2, course.Select(c => (c.Epoch, -c.Report.PriorEntropy))),
            SparseStages.Line("-H[p(x|z)]", 3, course.Select(c => (c.Epoch, -c.Report.DecoderEntropy))),
        ];
        double[] shown = [.. series.SelectMany(s => s.Points).Select(p => p.Y)];
        PlotFigure.Write(
            Path.Combine(folder, "bars-course.svg"), "ELBO and entropies over the iterations on bars", 1,
            [new PlotPanel("Bars: ELBO and entropies", PlotAxis.Logarithmic("iteration", 1, stages[^1]), PlotAxis.Linear("nats per row", shown.Min(), shown.Max()), series)]);
    }

    /// <summary>V Fig. 8: whether methods find the same fields in the end.</summary>
    public static void Agreement(TextWriter output, string path, int latents, int epochs)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(path));
        double[][][] found = [.. new[] { "none", "prior", "likelihood" }.Select(annealing =>
        {
            SparseCodingOptions options = Options(latents) with { Iterations = epochs, StationarityTolerance = 0, Annealing = AnnealingSchedule.Parse(annealing) };
            FitResult fit = new SparseCodingTrainer(options).Fit(rows, new FitContext { Certificate = false });
            output.WriteLine(Text($"{annealing}, {epochs} epochs: ELBO {fit.Model.Report.Summary.Elbo:F2}, {fit.Elapsed.TotalSeconds:F0} s"));
            output.Flush();
            return Fields((SparseCodingModel)fit.Model);
        })];
        foreach ((int a, int b) in new[] { (0, 1), (0, 2), (1, 2) })
        {
            double[] best = [.. found[a].Select(f => found[b].Max(g => Math.Abs(VectorFold.Dot(f, g))))];
            output.WriteLine(Text($"fields of {a} with a cosine above 0.9, 0.7 with one of {b}: {best.Count(c => c > 0.9)}, {best.Count(c => c > 0.7)} of {latents}"));
        }
    }

    /// <summary>Patches of 16 x 16 cut from Fashion-MNIST, grey from 0 to 1, those with a deviation below 0.05 left out.</summary>
    public static InMemoryRows FashionPatches(string path, int count)
    {
        const int side = 16, whole = 28;
        double[] images = RowSources.Open(path).Take(count).ReadAll().Values, values = new double[count * side * side];
        RandomStream random = new(20261120, RandomPurpose.Generation);
        for (int n = 0, tries = 0; n < count; tries++)
        {
            Span<double> patch = values.AsSpan(n * side * side, side * side);
            int first = (tries % count * whole * whole) + (random.NextInt(whole - side + 1) * whole) + random.NextInt(whole - side + 1);
            for (int i = 0; i < patch.Length; i++)
            {
                patch[i] = images[first + (i / side * whole) + (i % side)] / 255;
            }

            double mean = VectorFold.Sum(patch) / patch.Length, square = VectorFold.SumOfSquares(patch) / patch.Length;
            n += square - (mean * mean) > 0.05 * 0.05 ? 1 : 0;
        }

        return new InMemoryRows(values, side * side);
    }

    /// <summary>Fashion-MNIST's patches, annealed and not.</summary>
    public static void Fashion(TextWriter output, string path, int latents, int epochs, string folder)
    {
        InMemoryRows rows = FashionPatches(path, 20_000);
        double[] values = rows.ReadAll().Values;
        foreach (string annealing in new[] { "none", "prior", "likelihood" })
        {
            SparseCodingOptions options = Options(latents) with { Iterations = epochs, Centre = true, Annealing = AnnealingSchedule.Parse(annealing) };
            FitResult fit = new SparseCodingTrainer(options).Fit(rows, new FitContext { Certificate = false });
            SparseCodingModel model = (SparseCodingModel)fit.Model;
            ElboReport report = model.Report.Summary;
            GiniIndex gini = SparseJudgement.Of(model.Parameters, values, 1, 1, isDiagonal: true).Gini;
            output.WriteLine(Text(
                $"| {annealing} | {report.Elbo:F2} | {report.PriorResidual:F3}, {report.NoiseResidual:F3} | {model.Training.BatchEntropySum:F2} | {gini.Mean:F3} +- {gini.Deviation:F3} | {model.Report.Collapsed.Activity} | {fit.Elapsed.TotalSeconds:F1} |"));
            SparseStages.Draw(folder, Text($"fields-fashion-{annealing}-{latents}.png"), model, new ImageShape(16, 16));
        }
    }

    /// <summary>Weight of both entropies at which q is next to a point: its deviations are a tenth of the posterior's.</summary>
    private const double LimitWeight = 100;

    /// <summary>
    /// Dictionary learning by maximum a posteriori as the limit of our own steps: q under weights so great that it is next to its
    /// mode, then the least squares of all rows, fields back to length 1, scales and noise held at the penalty asked for.
    /// </summary>
    private static double[][] Limit(SparseCodingModel ours, double[] values, double factor, int iterations)
    {
        SparseCodingParameters end = ours.Parameters;
        double[] scales = new double[end.Latents];
        Array.Fill(scales, end.Scales.Average() / factor);
        RandomStream random = new(1, RandomPurpose.Initialisation);
        double[][] fields = [.. Enumerable.Range(0, end.Latents).Select(_ =>
        {
            double[] field = new double[end.Columns];
            random.FillGaussian(field);
            return field;
        })];
        SparseCodingParameters parameters = SparseCodingParameters.Of(fields, scales, end.NoiseVariance, end.Mean);
        using SparseCodingPass pass = new(new SparseCodingTable(values, end.Columns), end.Latents, true, Environment.ProcessorCount);
        for (int i = 0; i < iterations; i++)
        {
            PosteriorModel model = new(parameters.Fields, scales, end.NoiseVariance, LimitWeight, LimitWeight) { Tolerance = 1e-4 };
            SparseCodingSums sums = pass.Run(parameters, model, default);
            Maximisation step = Maximisation.Of(end.Mean, sums, hasMean: false, default, parameters, ScaleRule.Held);
            pass.Stretch(step.Lengths);
            parameters = step.Parameters.With(scales, end.NoiseVariance);
        }

        return [.. Enumerable.Range(0, end.Latents).Select(parameters.Field)];
    }

    private static SparseCodingOptions Options(int latents) => new()
    {
        Latents = latents,
        Covariance = SparseCovariance.Diagonal,
        BatchSize = 512,
        Centre = false,
        InnerTolerance = 1e-6,
        EncodingTolerance = 1e-6,
    };

    private static double[][] Fields(SparseCodingModel model) =>
        [.. Enumerable.Range(0, model.LatentDimension).Select(model.Parameters.Field)];

    /// <summary>V Fig. 12, below: how the scales are spread, as shares of the largest.</summary>
    private static void Spectrum(TextWriter output, string annealing, SparseCodingModel model)
    {
        double[] shares = [.. model.Scales.ToArray().Select(s => s / model.Scales[0])];
        double[] edges = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0];
        IEnumerable<string> counts = edges.Zip(edges.Skip(1)).Select(e => Text($"{e.First:G2} to {e.Second:G2}: {shares.Count(s => s <= e.First && s > e.Second)}"));
        output.WriteLine(Text($"scales of {annealing} by share of the largest: {string.Join(", ", counts)}; {model.Report.Collapsed.Activity} latents do next to nothing"));
    }

    private static PlotPanel Panel(string title, string unit, List<PlotSeries> series, double shown)
    {
        double[] values = [.. series.SelectMany(s => s.Points.Skip((int)((1 - shown) * s.Points.Count))).Select(p => p.Y)];
        double margin = 0.1 * (values.Max() - values.Min());
        return new PlotPanel(
            title, PlotAxis.Linear("epoch", 0, series.Max(s => s.Points.Max(p => p.X))),
            PlotAxis.Linear(unit, values.Min() - margin, values.Max() + margin), series);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
