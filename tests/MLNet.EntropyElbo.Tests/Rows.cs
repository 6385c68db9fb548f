using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Sample rows of the tests.</summary>
internal static class Rows
{
    public const int Columns = 6;

    /// <summary>Rows around two centres, all within (0, 1): label and group say which.</summary>
    public static Row[] Continuous(int count, int seed = 1)
    {
        Random random = new(seed);
        Row[] rows = new Row[count];
        for (int i = 0; i < count; i++)
        {
            bool second = random.NextDouble() < 0.5;
            double along = random.NextDouble();
            float[] features = new float[Columns];
            for (int d = 0; d < Columns; d++)
            {
                double centre = second == (d < 3) ? 0.65 : 0.2;
                features[d] = (float)(centre + (0.1 * along * ((d % 2) + 1)) + (0.05 * random.NextDouble()));
            }

            rows[i] = new Row { Features = features, Label = second, Group = second ? 1u : 0u, Target = (float)along };
        }

        return rows;
    }

    /// <summary>Rows of zeros and ones around two patterns.</summary>
    public static Row[] Binary(int count, int seed = 1)
    {
        Random random = new(seed);
        Row[] rows = Continuous(count, seed);
        foreach (Row row in rows)
        {
            for (int d = 0; d < Columns; d++)
            {
                row.Features[d] = random.NextDouble() < (row.Label == (d < 3) ? 0.85 : 0.15) ? 1 : 0;
            }
        }

        return rows;
    }

    public static IDataView View(MLContext ml, IEnumerable<Row> rows) => ml.Data.LoadFromEnumerable(rows);
}

/// <summary>A row with a feature vector, and with what downstream trainers need.</summary>
internal sealed class Row
{
    [VectorType(Rows.Columns)]
    public float[] Features { get; set; } = new float[Rows.Columns];

    public bool Label { get; set; }

    [KeyType(2)]
    public uint Group { get; set; }

    public float Target { get; set; }
}

/// <summary>What is read back.</summary>
internal sealed class Encoded
{
    public float[] Latent { get; set; } = [];

    public float[] LatentVariance { get; set; } = [];
}

/// <summary>The same, for rows with all outputs.</summary>
internal sealed class FullyEncoded
{
    public float[] Latent { get; set; } = [];

    public float[] LatentVariance { get; set; } = [];

    public float[] Reconstruction { get; set; } = [];

    public float[] ColumnScores { get; set; } = [];

    public float[] Kl { get; set; } = [];

    public float Score { get; set; }

    public float Elbo { get; set; }
}

/// <summary>A folder that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("eelbo-mlnet-").FullName;

    public string this[string name] => System.IO.Path.Combine(_path, name);

    public string Path => _path;

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
