using System.Collections.Concurrent;
using System.Security.Cryptography;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo;

namespace EncodingService;

/// <summary>
/// One loaded zip. A prediction engine is not safe to share, so each request rents one; there are as many as requests were ever
/// encoded at once. Whoever rents the model itself may finish with it: it is disposed after the last one has.
/// </summary>
internal sealed class ServedModel
{
    public const string FeatureColumn = "Features";

    private readonly MLContext _ml = new();
    private readonly Lock _making = new();
    private readonly ConcurrentBag<PredictionEngine<Row, Code>> _engines = [];
    private readonly ITransformer _pipeline;
    private readonly SchemaDefinition _rowSchema;
    private int _users = 1;

    private ServedModel(byte[] zip)
    {
        using MemoryStream stream = new(zip, writable: false);
        _pipeline = _ml.Model.Load(stream, out DataViewSchema schema);
        if (schema?.GetColumnOrNull(FeatureColumn)?.Type is not VectorDataViewType { IsKnownSize: true } type
            || type.ItemType != NumberDataViewType.Single)
        {
            throw new InvalidDataException($"The zip's pipeline does not begin with a column '{FeatureColumn}' of Vector<Single> of known size.");
        }

        Columns = type.Size;
        Version = Convert.ToHexStringLower(SHA256.HashData(zip))[..12];
        _rowSchema = SchemaDefinition.Create(typeof(Row));
        _rowSchema[0].ColumnType = type;
        LatentModel model = _ml.LatentVariables().FindModel(_pipeline);
        Latents = model.LatentDimension;

        // An engine made now finds out whether the zip has the columns that answers need, and the first request need not wait for it.
        _engines.Add(NewEngine());
    }

    /// <summary>Values of a row.</summary>
    public int Columns { get; }

    /// <summary>Values of a code.</summary>
    public int Latents { get; }

    /// <summary>The beginning of the zip's SHA-256.</summary>
    public string Version { get; }

    public DateTimeOffset LoadedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>Loads a zip.</summary>
    public static ServedModel Load(string path) => new(File.ReadAllBytes(path));

    /// <summary>Encodes rows of the right width.</summary>
    public Code[] Encode(float[][] rows)
    {
        if (!_engines.TryTake(out PredictionEngine<Row, Code>? engine))
        {
            engine = NewEngine();
        }

        Code[] codes = new Code[rows.Length];
        Row row = new();
        for (int i = 0; i < rows.Length; i++)
        {
            row.Features = rows[i];
            codes[i] = engine.Predict(row);
        }

        _engines.Add(engine);
        return codes;
    }

    /// <summary>Whether the model may be used; false once it is disposed. Give it back with <see cref="Return"/>.</summary>
    public bool TryRent()
    {
        int users;
        do
        {
            users = Volatile.Read(ref _users);
            if (users == 0)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _users, users + 1, users) != users);
        return true;
    }

    /// <summary>Gives the model back; the store, whose it is, does so once when another takes its place.</summary>
    public void Return()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        while (_engines.TryTake(out PredictionEngine<Row, Code>? engine))
        {
            engine.Dispose();
        }

        (_pipeline as IDisposable)?.Dispose();
    }

    private PredictionEngine<Row, Code> NewEngine()
    {
        lock (_making)
        {
            return _ml.Model.CreatePredictionEngine<Row, Code>(_pipeline, ignoreMissingColumns: false, _rowSchema);
        }
    }

    /// <summary>What the pipeline begins with; the width is the zip's.</summary>
    private sealed class Row
    {
        [ColumnName(FeatureColumn)]
        public float[] Features { get; set; } = [];
    }
}
