using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EntropyElbo.Cli.Host;
using EntropyElbo.Streaming;

namespace EntropyElbo.Cli.Reports;

/// <summary>
/// What <c>watch</c> prints of every reading: a line of text, or of JSON; on a terminal one line that is written over, and a line that stays
/// for every change.
/// </summary>
internal sealed class WatchLines
{
    private const string Over = "\r\u001b[K";
    private readonly ToolHost _host;
    private readonly StreamLearner _learner;
    private readonly bool _json;
    private readonly bool _live;
    private readonly long _before;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private bool _begun;
    private bool _open;

    public WatchLines(ToolHost host, bool json, StreamLearner learner)
    {
        _host = host;
        _learner = learner;
        _json = json;
        _live = !json && host.OutIsTerminal && host.ErrorIsTerminal;
        _before = learner.Rows;
    }

    /// <summary>Rows taken in this run.</summary>
    public long NewRows => _learner.Rows - _before;

    /// <summary>Prints a reading at once.</summary>
    public void Write(StreamReading reading)
    {
        if (_json)
        {
            WriteJson(json => WriteReading(json, reading));
            return;
        }

        if (_live)
        {
            if (reading.ChangedAt is not null)
            {
                _host.RawError.WriteLine($"{Over}{Line(reading)}");
            }

            _host.RawError.Write($"{Over}{Line(reading)}   {Wording.Rate(NewRows / _watch.Elapsed.TotalSeconds)} rows/s");
            _open = true;
            return;
        }

        if (!_begun)
        {
            _begun = true;
            _host.Out.WriteLine("        rows          ELBO   entropy sum  latents  remembered  change");
        }

        _host.Out.WriteLine(Line(reading));
        _host.Out.Flush();
    }

    /// <summary>Prints how it ended.</summary>
    /// <param name="end">What ended it.</param>
    /// <param name="skipped">Rows left out.</param>
    /// <param name="state">Where the state was written, or null.</param>
    public void End(string end, long skipped, string? state)
    {
        double rate = NewRows / _watch.Elapsed.TotalSeconds;
        if (_json)
        {
            WriteJson(json =>
            {
                json.WriteString("end", end);
                json.WriteNumber("rows", _learner.Rows);
                json.WriteNumber("newRows", NewRows);
                json.WriteNumber("skippedRows", skipped);
                JsonReport.Number(json, "seconds", _watch.Elapsed.TotalSeconds);
                JsonReport.Number(json, "rowsPerSecond", rate);
                json.WriteString("state", state);
            });
            return;
        }

        if (_open)
        {
            _host.RawError.WriteLine();
        }

        string left = skipped > 0 ? $", {Wording.Count(skipped, "row")} with missing values left out" : "";
        string total = _before > 0 ? Invariant($", {_learner.Rows} in all") : "";
        _host.Out.WriteLine($"{end}: {Wording.Count(NewRows, "row")}{total}{left}, {Wording.Rate(rate)} rows/s{(state is null ? "" : $"; state: {state}")}");
        _host.Out.Flush();
    }

    private static string Line(StreamReading reading)
    {
        string elbo = double.IsNaN(reading.Elbo) ? "" : Wording.Nats(reading.Elbo);
        string change = reading.ChangedAt is { } row ? Invariant($"before row {row}") + (reading.Changes > 1 ? Invariant($", {reading.Changes} changes") : "") : "";
        string floor = reading.IsFloored ? "  (at the variance floor)" : "";
        return Invariant(
            $"{reading.Rows,12}  {elbo,12}  {Wording.Nats(reading.EntropySum),12}  {reading.Latents,7}  {Math.Round(reading.EffectiveRows),10}  {change}{floor}").TrimEnd();
    }

    private static void WriteReading(Utf8JsonWriter json, StreamReading reading)
    {
        json.WriteNumber("rows", reading.Rows);
        JsonReport.Number(json, "effectiveRows", reading.EffectiveRows);
        JsonReport.Number(json, "elbo", reading.Elbo);
        JsonReport.Number(json, "entropySum", reading.EntropySum);
        json.WriteNumber("latents", reading.Latents);
        JsonReport.Number(json, "noiseVariance", reading.NoiseVariance);
        if (reading.ChangedAt is { } row)
        {
            json.WriteNumber("changedAt", row);
        }
        else
        {
            json.WriteNull("changedAt");
        }

        json.WriteNumber("changes", reading.Changes);
        json.WriteBoolean("floored", reading.IsFloored);
        JsonReport.Numbers(json, "entropySums", reading.EntropySums);
        JsonReport.Numbers(json, "bic", reading.Bic);
    }

    private void WriteJson(Action<Utf8JsonWriter> write)
    {
        JsonReport.WriteLine(_host.Out, write);
        _host.Out.Flush();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
