using System.Globalization;
using EntropyElbo.Streaming;

// Eight sensors of a machine, read for ever. Two things make them vary, load and temperature, until a bearing begins to rattle: a third. Nobody
// says so to the learner; it says so itself, keeps no rows, and goes on from its state after a restart.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int sensors = 8;
Random random = new(1);
string[] names = [.. Enumerable.Range(1, sensors).Select(i => $"sensor{i}")];

StreamLearner stream = new StreamingPca(sensors, new StreamingPcaOptions { Memory = 5_000 }) { ColumnNames = names };
Console.WriteLine("   rows   ELBO of new rows   entropy sum   directions");
for (int hour = 0; hour < 60; hour++)
{
    stream.Add(Readings(1_000, rattles: hour >= 40), Report);
    if (hour == 30)
    {
        // The service is restarted: the same bits as without.
        string state = Path.Combine(Path.GetTempPath(), $"sensors-{Guid.NewGuid():N}.eelbo");
        stream.Save(state);
        stream = StreamLearner.Open(state);
        File.Delete(state);
    }
}

// A model like any other: what makes the latest reading strange, by sensor?
var model = stream.ToModel(names);
double[] strange = Readings(1, rattles: true);
strange[4] += 3;
double[] score = new double[1];
model.AnomalyScore(strange, score);
Console.WriteLine($"a reading with sensor5 off by 3: anomaly score {score[0]:F1} nats, where {-stream.Latest!.EntropySum:F1} is usual");

void Report(StreamReading reading)
{
    if (reading.ChangedAt is { } row)
    {
        Console.WriteLine($"         a change, found at row {row}");
    }

    if (reading.Rows % 10_000 == 0 || reading.ChangedAt is not null)
    {
        Console.WriteLine($"{reading.Rows,7} {reading.Elbo,18:F3} {reading.EntropySum,13:F3} {reading.Latents,12}");
    }
}

double[] Readings(int count, bool rattles)
{
    double[] rows = new double[count * sensors];
    for (int n = 0; n < count; n++)
    {
        (double load, double temperature, double rattle) = (Normal(), Normal(), rattles ? Normal() : 0);
        for (int d = 0; d < sensors; d++)
        {
            rows[(n * sensors) + d] = (load * Math.Cos(d)) + (temperature * Math.Sin(d)) + (0.6 * rattle * (d % 2)) + (0.3 * Normal());
        }
    }

    return rows;
}

double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
