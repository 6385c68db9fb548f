using EntropyElbo.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Benchmarks;

/// <summary>Uniform rows, for the library and for ML.NET.</summary>
internal sealed class Table
{
    public Table(int rows, int columns)
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        Values = new float[rows * columns];
        for (int i = 0; i < Values.Length; i++)
        {
            Values[i] = (float)random.NextUniform();
        }

        Columns = columns;
    }

    public float[] Values { get; }

    public int Columns { get; }

    public int Rows => Values.Length / Columns;

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>The rows as a column "Features", in ML.NET's cache.</summary>
    public IDataView Cached(MLContext ml)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(VectorRow));
        definition[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Columns);
        IDataView view = ml.Data.Cache(ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, Rows).Select(r => new VectorRow { Features = Values.AsSpan(r * Columns, Columns).ToArray() }), definition));
        foreach (VBuffer<float> row in view.GetColumn<VBuffer<float>>("Features"))
        {
            _ = row.Length;
        }

        return view;
    }

    /// <summary>What a zip of the transformer loads as.</summary>
    public static ITransformer SaveAndLoad(MLContext ml, ITransformer transformer, IDataView view)
    {
        string path = Path.GetTempFileName();
        try
        {
            ml.Model.Save(transformer, view.Schema, path);
            return ml.Model.Load(path, out _);
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal sealed class VectorRow
    {
        public float[] Features { get; set; } = [];
    }
}
