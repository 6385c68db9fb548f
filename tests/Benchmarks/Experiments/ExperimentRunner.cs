using System.Globalization;

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
                    rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : 20);
                return 0;
            default:
                Console.Error.WriteLine("experiments: pca | manifold [NOISE] | images FILE.idx | digits FILE.csv | sbn-digits FILE.csv | sbn-images FILE.idx [ROWS] [ITERATIONS]");
                return 2;
        }
    }
}
