using System.Globalization;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae.Likelihoods;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>The experiments of docs/experiments.md by name.</summary>
internal static class ExperimentRunner
{
    public static int Run(TextWriter output, string[] args)
    {
        switch (args)
        {
            case ["pca"]:
                FoundationExperiments.Pca(output);
                return 0;
            case ["manifold", .. string[] rest]:
                FoundationExperiments.Manifold(output, rest.Length > 0 ? double.Parse(rest[0], CultureInfo.InvariantCulture) : 0.1);
                return 0;
            case ["images", string path]:
                FoundationExperiments.Images(output, path);
                return 0;
            case ["convolutions", string path, .. string[] rest]:
                ImageExperiments.Convolutions(output, path, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 20_000);
                return 0;
            case ["digits", string path]:
                FoundationExperiments.Digits(output, path);
                return 0;
            case ["sbn-digits", string path, .. string[] rest]:
                BeliefExperiments.Digits(output, path, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 3, 10);
                return 0;
            case ["sbn-images", string path, .. string[] rest]:
                BeliefExperiments.Images(
                    output,
                    path,
                    rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : int.MaxValue,
                    rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : 20,
                    rest.Length > 2 ? int.Parse(rest[2], CultureInfo.InvariantCulture) : null);
                return 0;
            case ["sparse-bars", .. string[] rest]:
                SparseCodingExperiments.RunBars(output, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 10, rest.Length > 1 ? Enum.Parse<ScaleStart>(rest[1]) : ScaleStart.Shared);
                return 0;
            case ["sparse-patches", string path, string latents, string epochs, .. string[] annealings]:
                SparseCodingExperiments.RunPatches(output, path, int.Parse(latents, CultureInfo.InvariantCulture), int.Parse(epochs, CultureInfo.InvariantCulture), annealings);
                return 0;
            case ["sparse-amortised", string path, string latents, string epochs, .. string[] kinds]:
                AmortisedExperiments.Run(output, path, int.Parse(latents, CultureInfo.InvariantCulture), int.Parse(epochs, CultureInfo.InvariantCulture), kinds);
                return 0;
            case ["sparse-covariances", string path, .. string[] rest]:
                SparseCovarianceExperiments.OnEqualFields(output, path, Whole(rest, 0, 5000), Whole(rest, 1, 64), Whole(rest, 2, 3));
                return 0;
            case ["sparse-seeds", string path, string rows, string side, string latents, string epochs, string seeds, .. string[] kinds]:
                string[] numbers = [rows, side, latents, epochs, seeds];
                SparseCovarianceExperiments.OverSeeds(output, path, Whole(numbers, 0, 0), Whole(numbers, 1, 0), Whole(numbers, 2, 0), Whole(numbers, 3, 0), Whole(numbers, 4, 0), kinds);
                return 0;
            case ["sparse-annealing", string path, string latents, string epochs, string folder, .. string[] annealings]:
                SparsePatchExperiments.Annealings(output, path, int.Parse(latents, CultureInfo.InvariantCulture), [.. epochs.Split(',').Select(e => int.Parse(e, CultureInfo.InvariantCulture))], folder, annealings);
                return 0;
            case ["sparse-map", string path, string latents, string epochs, .. string[] factors]:
                SparsePatchExperiments.MaximumAPosteriori(output, path, int.Parse(latents, CultureInfo.InvariantCulture), int.Parse(epochs, CultureInfo.InvariantCulture), [.. factors.Select(f => double.Parse(f, CultureInfo.InvariantCulture))]);
                return 0;
            case ["sparse-agreement", string path, .. string[] rest]:
                SparsePatchExperiments.Agreement(output, path, Whole(rest, 0, 100), Whole(rest, 1, 100));
                return 0;
            case ["sparse-fashion", string path, string folder, .. string[] rest]:
                SparsePatchExperiments.Fashion(output, path, Whole(rest, 0, 100), Whole(rest, 1, 10), folder);
                return 0;
            case ["sparse-course", string folder]:
                SparsePatchExperiments.Course(output, folder);
                return 0;
            case ["mle-b", string path, .. string[] rest]:
                AffineExperiments.Start(output, path, rest.Length > 0 ? double.Parse(rest[0], CultureInfo.InvariantCulture) : 1e-4);
                return 0;
            case ["expansions", string path, .. string[] rest]:
                ExpansionExperiment.Run(output, path, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 1000);
                return 0;
            case ["activities", string path]:
                AffineExperiments.Activities(output, path);
                return 0;
            case ["estimation", string path, .. string[] only]:
                AffineExperiments.Estimation(output, path, only);
                return 0;
            case ["closed-form", string path, .. string[] rest]:
                VaeExperiments.ClosedForm(output, path, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 3);
                return 0;
            case ["calibration", string pair, .. string[] rest]:
                return CalibrationExperiments.Run(output, pair, rest);
            case ["calibration-figure", string tables, string picture]:
                CalibrationFigure.Run(output, tables, picture);
                return 0;
            case ["manifold-noise", string picture, .. string[] rest]:
                ManifoldSweep.Run(output, Whole(rest, 0, 2), Whole(rest, 1, 25_000), Whole(rest, 2, 250), picture);
                return 0;
            case ["course", string path, string picture, .. string[] rest]:
                CourseFigure.Run(output, path, Whole(rest, 0, 10_000), Whole(rest, 1, 50), picture);
                return 0;
            case ["endings", string digits, string images, .. string[] rest]:
                EndingExperiments.Run(output, digits, images, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 5);
                return 0;
            case ["ring-course", string picture, .. string[] rest]:
                RingFigure.Run(output, picture, Whole(rest, 0, 3), Whole(rest, 1, 3000), Whole(rest, 2, 1));
                return 0;
            case ["verification", string path, string picture, .. string[] rest]:
                VerificationFigure.Run(output, path, picture, Whole(rest, 0, 200));
                return 0;
            case ["collapse-path", string path, string picture]:
                CollapsePath.Run(output, path, picture);
                return 0;
            case ["closing", string digits, string images, .. string[] rest]:
                ClosingExperiments.Close(output, digits, images, Whole(rest, 0, 3), Whole(rest, 1, 0) is > 0 and int limit ? limit : null, rest.Length > 2 ? rest[2] : null);
                return 0;
            case ["limits", string digits, string images, .. string[] rest]:
                ClosingExperiments.Limits(output, digits, images, Whole(rest, 0, 2));
                return 0;
            case ["annealing", string digits, string images, .. string[] rest]:
                AnnealingExperiments.Run(output, digits, images, rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 5);
                return 0;
            case ["stream", string picture, .. string[] rest]:
                StreamExperiments.Run(output, Whole(rest, 0, 20), picture, rest.Length > 1 ? rest[1] : "paper");
                return 0;
            case ["alarm", .. string[] rest]:
                AlarmExperiments.Run(output, Whole(rest, 0, 20), Whole(rest, 1, 1_000_000));
                return 0;
            case ["selection-latents", .. string[] rest]:
                SelectionExperiments.Latents(output, Whole(rest, 0, 20));
                return 0;
            case ["selection-components", .. string[] rest]:
                SelectionExperiments.Components(output, Whole(rest, 0, 20));
                return 0;
            case ["selection-study", string path]:
                SelectionExperiments.Study(output, path);
                return 0;
            case ["floors", .. string[] paths]:
                FloorExperiments.Run(output, paths);
                return 0;
            case ["ring", .. string[] rest]:
                VaeExperiments.Ring(
                    output,
                    rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 20,
                    rest.Length > 1 ? Enum.Parse<VarianceOutput>(rest[1]) : VarianceOutput.Exponential,
                    rest.Length > 2 ? double.Parse(rest[2], CultureInfo.InvariantCulture) : null,
                    rest.Length > 3 ? int.Parse(rest[3], CultureInfo.InvariantCulture) : 500,
                    rest.Length > 4 ? double.Parse(rest[4], CultureInfo.InvariantCulture) : 0.003);
                return 0;
            default:
                Console.Error.WriteLine("experiments: pca | manifold [NOISE] | images FILE.idx | convolutions FILE.idx [ROWS] | digits FILE.csv | mle-b FILE.idx [RATE] | activities DIGITS.csv | estimation DIGITS.csv [OUT.svg] [p-PCA|manifold|digits...] | expansions DIGITS.csv | closed-form DIGITS.csv [SEEDS] | ring [SEEDS] [OUTPUT] [INITIAL_LOG_VARIANCE] [BATCH] [RATE] | sbn-digits FILE.csv | sbn-images FILE.idx [ROWS] [ITERATIONS] [NEWTON_STEPS] | calibration PAIR [FILE] [MOST] [TABLES.md] | calibration-figure TABLES.md OUT.svg | manifold-noise OUT.svg [SEEDS] [ROWS] [EPOCHS] | course FILE.idx OUT.svg [ROWS] [EPOCHS] | endings DIGITS.csv FILE.idx [SEEDS] | annealing DIGITS.csv FILE.idx [SEEDS] | floors FILE.csv... | stream OUT.svg [SEEDS] [paper|paper-closed|library] | alarm [SEEDS] [ROWS] | selection-latents [SEEDS] | selection-components [SEEDS] | selection-study DIGITS.csv | ring-course OUT.svg [SEEDS] [EPOCHS] [SAMPLES] | verification FILE.idx OUT.svg [EPOCHS] | collapse-path DIGITS.csv OUT.svg | closing DIGITS.csv FILE.idx [SEEDS] [EPOCHS, 0 for the default] [DATA] | limits DIGITS.csv FILE.idx [SEEDS] | sparse-bars [SEEDS] [START] | sparse-patches FILE.idx H EPOCHS ANNEALING... | sparse-covariances FILE.idx [ROWS] [H] [SEEDS] | sparse-seeds FILE.idx ROWS SIDE H EPOCHS SEEDS KIND... | sparse-annealing FILE.idx H EPOCHS,... FOLDER ANNEALING... | sparse-map FILE.idx H EPOCHS FACTOR... | sparse-agreement FILE.idx [H] [EPOCHS] | sparse-fashion FILE.idx FOLDER [H] [EPOCHS] | sparse-course FOLDER");
                return 2;
        }
    }

    private static int Whole(string[] rest, int index, int otherwise) => rest.Length > index ? int.Parse(rest[index], CultureInfo.InvariantCulture) : otherwise;
}
