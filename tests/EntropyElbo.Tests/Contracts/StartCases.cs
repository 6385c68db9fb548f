using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Contracts;

/// <summary>Trainers of every family that start from a model, and rows for them.</summary>
internal static class StartCases
{
    public const int Columns = 6;

    /// <summary>
    /// Family, settings, iterations of the first fit, and the nats per row that a stochastic fit may lose in its first epoch; 0 where the
    /// bound never falls.
    /// </summary>
    public static IEnumerable<object[]> All =>
    [
        ["linear-vae", "", 12, 0.0],
        ["linear-vae", "optimizer=adam;batch=50", 60, 0.05],
        ["factor-analysis", "", 4, 0.0],
        ["factor-analysis", "optimizer=em", 40, 0.0],
        ["sparse-coding", "", 12, 0.0],
        ["sparse-coding", "optimizer=em", 20, 0.0],
        ["sparse-coding", "batch=50", 12, 0.05],
        ["sparse-coding", "learning=amortised;batch=50", 40, 0.1],
        ["poisson-sparse-coding", "", 12, 0.0],
        ["vae-0", "hidden=8;fixed-variance=0.05", 40, 0.1],
        ["vae-1", "hidden=8", 60, 0.1],
        ["vae-1", "image=2x3;filters=4;batch=40", 30, 0.3],
        ["vae-1", "hidden=8;likelihood=bernoulli", 60, 0.1],
        ["vae-1", "hidden=8;likelihood=gamma", 60, 0.1],
        ["vae-2", "hidden=8", 60, 0.1],
        ["vae-d", "hidden=8", 60, 0.1],
        ["vae-3", "hidden=8;variance-output=softplus", 60, 0.2],
        ["sparse-vae", "hidden=8", 60, 0.1],
        ["mixture:gaussian-full", "restarts=1", 12, 0.0],
        ["mixture:gaussian-full", "restarts=1;batch=50", 12, 0.1],
        ["mixture:gaussian-tied", "restarts=1", 12, 0.0],
        ["mixture:gaussian-diagonal", "restarts=1", 12, 0.0],
        ["mixture:gaussian-spherical", "restarts=1", 12, 0.0],
        ["mixture:gaussian-diagonal@1-2,bernoulli@3,categorical@4,gamma@5-6", "restarts=1", 12, 0.0],
        ["mixture:gamma", "restarts=1", 12, 0.0],
        ["mixture:exponential", "restarts=1", 12, 0.0],
        ["mixture:beta", "restarts=1", 12, 0.0],
        ["mixture:bernoulli", "restarts=1", 12, 0.0],
        ["mixture:binomial:5", "restarts=1", 12, 0.0],
        ["mixture:poisson", "restarts=1", 12, 0.0],
        ["mixture:categorical", "restarts=1", 12, 0.0],
        ["sbn", "", 12, 0.0],
        ["sbn", "posterior=truncated;states=3;latents=4", 12, 0.03],
        ["deep-sbn", "hidden=2", 12, 0.0],
    ];

    /// <summary>A trainer with two latents or components, unless the settings say another number.</summary>
    public static ITrainer Trainer(string name, string settings, int? epochs = null, string? more = null)
    {
        ModelFamily family = ModelFamilies.Find(name);
        FitSettings given = new FitSettings { Seed = 1 }.With(family.LatentSetting.Name, 2);
        foreach (string[] pair in $"{settings};{more}".Split(';', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split('=')))
        {
            given = given.With(pair[0], family.Setting(pair[0]).Parse(pair[1]));
        }

        return family.CreateTrainer(epochs is { } limit ? given.With("epochs", limit) : given);
    }

    /// <summary>The same, starting from a model.</summary>
    public static ITrainer From(LatentModel model, string name, string settings, int? epochs = null, string? more = null) =>
        ModelStart.Apply(Trainer(name, settings, epochs, more), model, null);

    /// <summary>A model as its file gives it back.</summary>
    public static LatentModel Saved(LatentModel model) => ModelFamilies.Read(ModelFile.FromBytes(Bytes(model), "m.eelbo"), "m.eelbo");

    public static byte[] Bytes(LatentModel model) => ModelFile.ToBytes(model.ToRecord());

    /// <summary>Rows inside the support of a family, all made of one table of correlated numbers in (0, 1).</summary>
    public static InMemoryRows Rows(string name, string settings, string prefix = "x", ulong seed = 1)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 7);
        double[] values = new double[200 * Columns];
        for (int row = 0; row < 200; row++)
        {
            double common = random.NextGaussian(), group = row % 2;
            for (int d = 0; d < Columns; d++)
            {
                double normal = (d % 2 == 0 ? common : group * (d - 2)) + (0.5 * random.NextGaussian());
                values[(row * Columns) + d] = Value($"{name};{settings}", d, 1 / (1 + Math.Exp(-normal)));
            }
        }

        return new InMemoryRows(values, Columns, [.. Enumerable.Range(0, Columns).Select(d => $"{prefix}{(char)('a' + d)}")]);
    }

    private static double Value(string text, int column, double share) => text switch
    {
        _ when text.Contains('@') => column switch { 2 => Ones(share), 3 => Count(share), 4 or 5 => Positive(share), _ => share },
        _ when text.Contains("bernoulli") || text.Contains("sbn") => Ones(share),
        _ when text.Contains("poisson") || text.Contains("binomial") || text.Contains("categorical") => Count(share),
        _ when text.Contains("gamma") || text.Contains("exponential") => Positive(share),
        _ when text.Contains("beta") => (0.9 * share) + 0.05,
        _ => (4 * share) + column,
    };

    private static double Ones(double share) => share > 0.5 ? 1 : 0;

    private static double Count(double share) => Math.Floor(5 * share);

    private static double Positive(double share) => 0.05 - Math.Log(1 - (0.99 * share));
}
