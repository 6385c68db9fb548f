using EncodingService;

// A pipeline with a latent-variable model as a web service.
//
//   dotnet run -c Release --project examples/Service -- train model.zip     a pipeline to serve
//   dotnet run -c Release --project examples/Service -- serve model.zip --urls http://127.0.0.1:5080
//   dotnet run -c Release --project examples/Service -- load 8 1000000 1     clients, rows, rows a request; a reload half way
//
//   curl -H 'Content-Type: application/json' -d '{"rows":[[0,0,5,13,9,1,0,0, ...]]}' http://127.0.0.1:5080/encode
//   curl http://127.0.0.1:5080/health
using System.Globalization;
using Microsoft.ML;
using MLNet.EntropyElbo;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["train", string zip]:
        MLContext ml = new(seed: 1);
        IDataView digits = ExampleModel.Digits(ml);
        ITransformer model = ExampleModel.Train(ml, digits, seed: 1);
        ExampleModel.Save(ml, model, digits.Schema, zip);
        Console.WriteLine($"{zip}: ELBO {ml.LatentVariables().Evaluate(model, digits).Elbo:F2} nats per row");
        return 0;
    case ["serve", string zip, .. string[] more]:
        await using (WebApplication app = ServiceApp.Create(zip, TimeSpan.FromSeconds(1), more))
        {
            await app.RunAsync();
        }

        return 0;
    case ["load", string clients, string rows, string rowsPerRequest]:
        LoadResult result = await LoadScene.RunAsync(
            int.Parse(clients, CultureInfo.InvariantCulture), long.Parse(rows, CultureInfo.InvariantCulture), int.Parse(rowsPerRequest, CultureInfo.InvariantCulture));
        Console.WriteLine($"{result.Encodes:N0} encodes in {result.Requests:N0} requests of {clients} clients: {result.Wrong} wrong, {result.Failed} failed");
        Console.WriteLine($"{result.ByOld:N0} by the first model, {result.ByNew:N0} by the second, one reload between them");
        Console.WriteLine($"{result.Seconds:F1} s, {result.Encodes / result.Seconds:N0} rows/s, {result.Requests / result.Seconds:N0} requests/s");
        Console.WriteLine($"latency, ms: median {result.Latency(0.5):F2}, 99 % {result.Latency(0.99):F2}, 99.9 % {result.Latency(0.999):F2}, most {result.Latency(1):F1}");
        return result.Wrong + result.Failed > 0 ? 1 : 0;
    default:
        Console.Error.WriteLine("usage: train FILE.zip | serve FILE.zip [--urls URL] | load CLIENTS ROWS ROWS-PER-REQUEST");
        return 2;
}
