using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>One training looked at after chosen epochs: it goes on from its checkpoint, so it is the training that it would be.</summary>
internal static class SparseStages
{
    /// <summary>The fits that end after each of <paramref name="epochs"/>.</summary>
    public static IEnumerable<FitResult> Of(IRowSource rows, SparseCodingOptions options, IReadOnlyList<int> epochs)
    {
        string folder = Directory.CreateTempSubdirectory("stages-").FullName;
        try
        {
            foreach (int epoch in epochs)
            {
                FitContext context = new() { CheckpointPath = Path.Combine(folder, "state"), Resume = true, Certificate = false, CheckpointEpochs = 1000 };
                yield return new SparseCodingTrainer(options with { Iterations = epoch }).Fit(rows, context);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Writes the fields of a model as the tool's <c>--fields</c> does.</summary>
    public static void Draw(string folder, string name, LatentModel model, ImageShape image)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, name), FieldPictures.File(model, image));
    }

    /// <summary>A line through points, an epoch each.</summary>
    public static PlotSeries Line(string name, int n, IEnumerable<(double, double)> points) =>
        new(name, PlotColours.Nth(n).Colour, PlotMark.Line, [.. points]);
}

/// <summary>
/// All rows judged by q under any weights: the terms of the entropy form without weights and with the scales at their optima (V
/// Table 1), the classical ELBO, and how sparse draws of the codes are.
/// </summary>
/// <param name="Objective">The terms.</param>
/// <param name="Gini">Of some of the rows.</param>
internal sealed record SparseJudgement(SparseCodingObjective Objective, GiniIndex Gini)
{
    private const int BlockRows = 64;

    /// <summary>Latents times rows whose codes are drawn from: a draw takes a Cholesky factor.</summary>
    private const int DrawnCodes = 200_000;

    /// <summary>An E-step of every row, from a cold start.</summary>
    public static SparseJudgement Of(SparseCodingParameters parameters, double[] values, double prior, double noise, bool isDiagonal)
    {
        int columns = parameters.Columns, rows = values.Length / columns, stride = Math.Max(1, rows * parameters.Latents / DrawnCodes);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance, prior, noise) { Tolerance = 1e-6 };
        SparseCodingWorker worker = new(BlockRows, columns, parameters.Latents, isDiagonal);
        SparseCodingSums sums = new(columns, parameters.Latents);
        GiniSums gini = new(parameters.Latents);
        worker.Use(model, parameters.Mean);
        for (int first = 0; first < rows; first += BlockRows)
        {
            int count = Math.Min(BlockRows, rows - first);
            worker.Load(values.AsSpan(first * columns, count * columns), count);
            worker.Infer(count, isWarm: false, withSums: true);
            sums.Merge(worker.Sums);
            for (int row = 0; row < count; row++)
            {
                if ((first + row) % stride == 0)
                {
                    gini.Add(worker, row, new RandomStream(1, RandomPurpose.EvaluationNoise, (ulong)(first + row)));
                }
            }
        }

        return new SparseJudgement(new SparseCodingObjective(parameters, sums), gini.Index());
    }

    /// <summary>What given fields are worth: scales and noise at their best for every row's best q.</summary>
    public static SparseJudgement OfFields(double[][] fields, double[] values, SparseCodingParameters start, bool isDiagonal)
    {
        SparseCodingParameters parameters = SparseCodingParameters.Of(fields, start.Scales, start.NoiseVariance, start.Mean);
        using SparseCodingPass pass = new(new SparseCodingTable(values, parameters.Columns), parameters.Latents, isDiagonal, Environment.ProcessorCount);
        double before = double.NegativeInfinity;
        for (int i = 0; i < 500; i++)
        {
            PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = 1e-6 };
            SparseCodingObjective objective = new(parameters, pass.Run(parameters, model, default));
            double elbo = objective.EntropyForm();
            parameters = parameters.With(objective.Sizes, objective.MeanError);
            if (elbo - before < 1e-3)
            {
                break;
            }

            before = elbo;
        }

        return Of(parameters, values, 1, 1, isDiagonal);
    }
}
