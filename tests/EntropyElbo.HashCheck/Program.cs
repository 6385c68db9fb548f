using System.Security.Cryptography;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Training;

// Fits a small model of every family and prints the SHA-256 of its file, a line a family: "name<TAB>hash". Whatever the vector width, the JIT's tier and the
// number of threads (the first argument), the lines must be the same; tests/EntropyElbo.Tests/SameBitsTests runs this in processes that differ in them.
int threads = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 2;
foreach ((string name, FitSettings settings, IRowSource rows) in Fits.All())
{
    ITrainer trainer = ModelFamilies.Find(name).CreateTrainer(settings);
    LatentModel model = trainer.Fit(rows, new FitContext { Threads = threads }).Model;
    string path = Path.GetTempFileName();
    model.Save(path);
    string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
    File.Delete(path);
    string images = settings.Images is null ? "" : $" {settings.Images.Shape}";
    string likelihood = settings.Likelihood is null ? "" : $" {settings.Likelihood}";
    Console.WriteLine($"{name}{images}{likelihood}\t{hash}");
}

/// <summary>The fits: every family, every likelihood, dense and convolutional, exact and truncated posteriors.</summary>
internal static class Fits
{
    public static IEnumerable<(string Name, FitSettings Settings, IRowSource Rows)> All()
    {
        InMemoryRows real = PcaData.Create(700, 1, columns: 11, latents: 3);
        FitSettings linear = new() { Latents = 3, Epochs = 20 };
        foreach (string name in (string[])["ppca", "linear-vae", "factor-analysis"])
        {
            yield return (name, name == "ppca" ? linear with { Epochs = null } : linear, real);
        }

        FitSettings sparse = linear with { Epochs = 30 };
        yield return ("sparse-coding", sparse, real);
        yield return ("sparse-coding", sparse.With("covariance", "diagonal"), real);
        yield return ("sparse-coding", sparse.With("epochs", 5).With("batch", 100).With("annealing", "prior:3,1"), real);

        FitSettings network = new() { Latents = 3, Hidden = [21, 13], Epochs = 6, BatchSize = 100 };
        foreach (string name in (string[])["vae-0", "vae-1", "vae-2", "vae-d", "vae-3", "sparse-vae"])
        {
            yield return (name, network, real);
        }

        InMemoryRows bits = Map(real, (x, _) => x > 1 ? 1 : 0), counts = Map(real, (x, _) => Math.Min(8, Math.Floor(Math.Abs(4 * x))));
        yield return ("vae-1", network with { Likelihood = "bernoulli" }, bits);
        yield return ("vae-2", network with { Likelihood = "binomial:8" }, counts);
        yield return ("sparse-vae", network with { Likelihood = "poisson" }, counts);
        yield return ("vae-d", network with { Likelihood = "gamma" }, Map(real, (x, _) => 0.1 + Math.Abs(x)));
        yield return ("vae-1", network with { Likelihood = "continuous-bernoulli" }, Map(real, (x, _) => 1 / (1 + Math.Exp(-x))));
        yield return ("poisson-sparse-coding", sparse, counts);
        yield return ("poisson-sparse-coding", sparse.With("covariance", "diagonal").With("restarts", 2), counts);
        FitSettings images = network with { Hidden = null, Images = new ImageNetworks { Shape = ImageShape.Parse("6x5x2"), Filters = [7, 9] }, Epochs = 3 };
        InMemoryRows pictures = PcaData.Create(150, 2, columns: 60, latents: 4);
        yield return ("vae-1", images, pictures);
        yield return ("vae-3", images, pictures);

        InMemoryRows positive = Map(real, (x, _) => 0.1 + Math.Abs(x)), shares = Map(real, (x, _) => 1 / (1 + Math.Exp(-x)));
        FitSettings mixture = new() { Components = 3, Epochs = 15 };
        foreach (string kind in (string[])["gaussian-full", "gaussian-tied", "gaussian-diagonal", "gaussian-spherical"])
        {
            yield return ($"mixture:{kind}", mixture, real);
        }

        yield return ("mixture:gamma", mixture, positive);
        yield return ("mixture:exponential", mixture, positive);
        yield return ("mixture:beta", mixture, shares);
        yield return ("mixture:bernoulli", mixture, bits);
        yield return ("mixture:binomial:8", mixture, counts);
        yield return ("mixture:poisson", mixture, counts);
        yield return ("mixture:categorical", mixture, counts);
        yield return ("mixture:gaussian-full@1-4,poisson@5-8,categorical@9-11", mixture, Map(real, (x, column) => column < 4 ? x : Math.Min(8, Math.Floor(Math.Abs(4 * x)))));

        FitSettings beliefs = new() { Latents = 4, Epochs = 8 };
        yield return ("sbn", beliefs, bits);
        yield return ("sbn", beliefs with { Latents = 14 }, bits);
        yield return ("deep-sbn", beliefs with { Hidden = [2] }, bits);
    }

    private static InMemoryRows Map(InMemoryRows rows, Func<double, int, double> map)
    {
        (double[] values, _) = rows.ReadAll();
        return new InMemoryRows([.. values.Select((x, i) => map(x, i % rows.Columns))], rows.Columns);
    }
}
