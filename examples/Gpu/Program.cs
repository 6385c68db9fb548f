// The same VAE trained by the library's own engine and by TorchSharp on a GPU (or libtorch's CPU where there is none).
//
//   dotnet run -c Release                              libtorch for the CPU
//   dotnet run -c Release -p:Torch=cuda-linux          CUDA on Linux (cuda-windows on Windows)
//   dotnet run -c Release -- FILE [cpu|cuda:N|auto]    other rows: CSV or IDX
using System.Globalization;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.Vae;
using EntropyElbo.Networks;
using EntropyElbo.Reports;
using EntropyElbo.TorchSharp;
using EntropyElbo.Training;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
IRowSource rows = args.Length > 0
    ? RowSources.Open(args[0])
    : RowSources.Open(Path.Combine(AppContext.BaseDirectory, "digits.csv"), ColumnSelection.Parse("1-64"));
TorchEngine engine = new(new TorchOptions { Device = args.Length > 1 ? args[1] : "auto" });
if (engine.Problem is { } problem)
{
    Console.Error.WriteLine($"{engine.Name} cannot be used: {problem}");
    return 1;
}

GaussianVaeTrainer trainer = new(new GaussianVaeOptions
{
    Latents = 16,
    Hidden = [256, 128],
    Training = new MinibatchOptions { BatchSize = 256, Epochs = 100 },
});
Console.WriteLine($"GPUs that libtorch finds: {engine.DeviceCount}");
Report("own engine on the CPU", trainer.Fit(rows));
FitResult torch = trainer.Fit(rows, new FitContext { Engine = engine.OnDevice() });
Report(engine.DeviceCount > 0 ? "TorchSharp on the GPU" : "TorchSharp on the CPU", torch);

// The model is the library's own: saved, loaded and scored without Torch.
string path = Path.Combine(Path.GetTempPath(), $"gpu-{Guid.NewGuid():N}.eelbo");
torch.Model.Save(path);
Console.WriteLine($"saved, loaded and evaluated again: ELBO {ModelFamilies.Load(path).Evaluate(rows).Summary.Elbo:F3}");
File.Delete(path);
return 0;

static void Report(string name, FitResult fit)
{
    ElboReport elbo = fit.Model.Report.Summary;
    Console.WriteLine($"{name,-24} ELBO {elbo.Elbo,9:F3}   entropy sum {elbo.EntropySum,9:F3}   {fit.RowsPerSecond,10:N0} rows/s");
}
