using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EncodingService;

/// <summary>What a load test found.</summary>
/// <param name="Requests">Requests sent.</param>
/// <param name="Encodes">Rows encoded.</param>
/// <param name="Wrong">Rows of answers that differ in any bit from what the model of that time gives.</param>
/// <param name="Failed">Rows of requests without an answer.</param>
/// <param name="ByOld">Rows answered by the first model.</param>
/// <param name="ByNew">Rows answered by the second.</param>
/// <param name="Seconds">From the first request to the last answer.</param>
/// <param name="Latencies">Milliseconds of every request, sorted.</param>
internal sealed record LoadResult(
    long Requests, long Encodes, long Wrong, long Failed, long ByOld, long ByNew, double Seconds, float[] Latencies)
{
    /// <summary>A quantile of the latencies, milliseconds.</summary>
    public float Latency(double share) => Latencies[(int)Math.Min(Latencies.Length - 1, share * Latencies.Length)];
}

/// <summary>
/// Clients that send rows and compare every answer, byte by byte, with what it must be: the old model's before the new zip is put in
/// its place, the new one's in requests sent after the service says that it has it, either in between.
/// </summary>
/// <param name="Address">The service.</param>
/// <param name="Clients">Clients, each with its own connection.</param>
/// <param name="Encodes">Rows to encode, at least.</param>
/// <param name="RowsPerRequest">Rows of a request.</param>
internal sealed record LoadTest(Uri Address, int Clients, long Encodes, int RowsPerRequest)
{
    private static readonly TimeSpan MostReloadTime = TimeSpan.FromSeconds(60);

    private long _sent;
    private long _last = long.MaxValue;
    private volatile Phase _phase;

    private enum Phase
    {
        Old,
        Either,
        New,
    }

    /// <summary>Runs it.</summary>
    /// <param name="rows">Rows to send, over and over.</param>
    /// <param name="old">The answer to all rows of the model that is served.</param>
    /// <param name="next">That of the one that takes its place.</param>
    /// <param name="replace">Puts the new zip into its place.</param>
    public async Task<LoadResult> RunAsync(float[][] rows, EncodeAnswer old, EncodeAnswer next, Action replace)
    {
        Exchange[] exchanges = [.. Enumerable.Range(0, rows.Length / RowsPerRequest).Select(i => new Exchange(
            JsonSerializer.SerializeToUtf8Bytes(new EncodeRequest(Part(rows, i)), ServiceJson.Default.EncodeRequest), Text(old, i), Text(next, i)))];
        long requests = (Encodes + RowsPerRequest - 1) / RowsPerRequest;
        long start = Stopwatch.GetTimestamp();
        Task<Tally>[] clients = [.. Enumerable.Range(0, Clients).Select(client => Task.Run(() => SendAsync(exchanges)))];
        try
        {
            await ReplaceHalfWayAsync(requests, next.Model, replace);
        }
        finally
        {
            // However long the reload took, the new model answers a quarter of them at least.
            Interlocked.Exchange(ref _last, Math.Max(requests, Interlocked.Read(ref _sent) + (requests / 4)));
        }

        Tally[] tallies = await Task.WhenAll(clients);
        float[] latencies = [.. tallies.SelectMany(t => t.Latencies).Order()];
        return new LoadResult(
            latencies.Length,
            (long)latencies.Length * RowsPerRequest,
            tallies.Sum(t => t.Wrong) * RowsPerRequest,
            tallies.Sum(t => t.Failed) * RowsPerRequest,
            tallies.Sum(t => t.ByOld) * RowsPerRequest,
            tallies.Sum(t => t.ByNew) * RowsPerRequest,
            Stopwatch.GetElapsedTime(start).TotalSeconds,
            latencies);

        byte[] Text(EncodeAnswer answer, int i) => JsonSerializer.SerializeToUtf8Bytes(
            new EncodeAnswer(answer.Model, Part(answer.Codes, i)), ServiceJson.Default.EncodeAnswer);

        T[] Part<T>(T[] all, int i) => all[(i * RowsPerRequest)..((i + 1) * RowsPerRequest)];
    }

    private async Task ReplaceHalfWayAsync(long requests, string next, Action replace)
    {
        while (Interlocked.Read(ref _sent) < requests / 2)
        {
            await Task.Delay(1);
        }

        using HttpClient client = new();
        _phase = Phase.Either;
        replace();
        long start = Stopwatch.GetTimestamp();
        string health;
        while (!(health = await client.GetStringAsync(new Uri(Address, "health"))).Contains(next, StringComparison.Ordinal))
        {
            if (Stopwatch.GetElapsedTime(start) > MostReloadTime)
            {
                throw new TimeoutException($"The service does not take the new zip; it says: {health}");
            }

            await Task.Delay(1);
        }

        _phase = Phase.New;
    }

    private async Task<Tally> SendAsync(Exchange[] exchanges)
    {
        using HttpClient client = new();
        Uri place = new(Address, "encode");
        Tally tally = new();
        for (long number; (number = Interlocked.Increment(ref _sent)) <= Interlocked.Read(ref _last);)
        {
            Exchange exchange = exchanges[number % exchanges.Length];
            Phase before = _phase;
            long start = Stopwatch.GetTimestamp();
            byte[]? answer = await PostAsync(client, place, exchange.Request);
            tally.Latencies.Add((float)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            tally.Count(answer, exchange, mayBeOld: before != Phase.New, mayBeNew: _phase != Phase.Old);
        }

        return tally;
    }

    private static async Task<byte[]?> PostAsync(HttpClient client, Uri place, byte[] request)
    {
        using ByteArrayContent content = new(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using HttpResponseMessage response = await client.PostAsync(place, content);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync() : null;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return null; // No answer, or none in time: counted as failed.
        }
    }

    private sealed record Exchange(byte[] Request, byte[] Old, byte[] New);

    private sealed class Tally
    {
        public List<float> Latencies { get; } = [];

        public long Wrong { get; private set; }

        public long Failed { get; private set; }

        public long ByOld { get; private set; }

        public long ByNew { get; private set; }

        public void Count(byte[]? answer, Exchange exchange, bool mayBeOld, bool mayBeNew)
        {
            if (answer is null)
            {
                Failed++;
            }
            else if (mayBeOld && answer.AsSpan().SequenceEqual(exchange.Old))
            {
                ByOld++;
            }
            else if (mayBeNew && answer.AsSpan().SequenceEqual(exchange.New))
            {
                ByNew++;
            }
            else
            {
                Wrong++;
            }
        }
    }
}
