using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo;

namespace EncodingService;

/// <summary>A whole load test on this machine: two models, the service on a free port, the clients, and one reload half way.</summary>
internal static class LoadScene
{
    /// <summary>Trains, serves, loads and tells.</summary>
    /// <param name="clients">Clients.</param>
    /// <param name="encodes">Rows to encode, at least.</param>
    /// <param name="rowsPerRequest">Rows of a request.</param>
    /// <param name="epochs">Epochs of the two models.</param>
    public static async Task<LoadResult> RunAsync(int clients, long encodes, int rowsPerRequest, int epochs = 50)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("service-");
        try
        {
            string zip = Path.Combine(folder.FullName, "model.zip"), later = Path.Combine(folder.FullName, "later.zip");
            MLContext ml = new(seed: 1);
            IDataView digits = ml.Data.Cache(ExampleModel.Digits(ml));
            EncodeAnswer old = Prepare(ml, digits, seed: 1, epochs, zip), next = Prepare(ml, digits, seed: 2, epochs, later);
            float[][] rows = [.. digits.GetColumn<float[]>(ServedModel.FeatureColumn)];
            await using WebApplication app = ServiceApp.Create(zip, TimeSpan.FromMilliseconds(20), "--urls", "http://127.0.0.1:0");
            await app.StartAsync();
            LoadTest test = new(new Uri(app.Urls.Single() + "/"), clients, encodes, rowsPerRequest);
            LoadResult result = await test.RunAsync(rows, old, next, () => File.Move(later, zip, overwrite: true));
            await app.StopAsync();
            return result;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Trains and saves a model; returns the codes of the model in memory, encoded in blocks: what the service must answer.</summary>
    public static EncodeAnswer Prepare(MLContext ml, IDataView data, int seed, int epochs, string zip)
    {
        ITransformer model = ExampleModel.Train(ml, data, seed, epochs);
        ExampleModel.Save(ml, model, data.Schema, zip);
        ServedModel saved = ServedModel.Load(zip);
        string version = saved.Version;
        saved.Return();
        return new EncodeAnswer(version, [.. ml.Data.CreateEnumerable<Code>(model.Transform(data), reuseRowObject: false)]);
    }
}
