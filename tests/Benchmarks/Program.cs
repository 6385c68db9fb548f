using System.Globalization;
using EntropyElbo.Benchmarks;
using EntropyElbo.Benchmarks.Experiments;
using EntropyElbo.Training;

switch (args.Length > 0 ? args[0] : string.Empty)
{
    case "product":
        MatrixProductBenchmark.Run(Console.Out);
        return 0;
    case "members":
        TrainingBenchmark.RunMembers(Console.Out);
        return 0;
    case "training":
        TrainingBenchmark.Run(Console.Out);
        return 0;
    case "convolution":
        ConvolutionBenchmark.Run(Console.Out, "cpu", ComputeEngine.Cpu, 1);
        return 0;
    case "experiments":
        return ExperimentRunner.Run(Console.Out, args[1..]);
    case "encoding":
        EncodingBenchmark.Run(Console.Out);
        return 0;
    case "ppca":
        LinearModelBenchmarks.ProbabilisticPca(Console.Out, args.Length > 1 ? args[1] : null);
        return 0;
    case "factor-analysis":
        LinearModelBenchmarks.FactorAnalysis(Console.Out);
        return 0;
    case "csv" when args.Length > 1:
        LibraryBenchmarks.Csv(Console.Out, args[1]);
        return 0;
    case "eigenvalues":
        LibraryBenchmarks.Eigenvalues(Console.Out);
        return 0;
    case "sparse-dictionary" when args.Length > 2:
        SparseCodingBenchmark.Dictionaries(Console.Out, args[1], args[2..]);
        return 0;
    case "sparse-torch" when args.Length > 1:
        SparseCodingBenchmark.Torch(Console.Out, args[1]);
        return 0;
    case "sparse-memory" when args.Length > 3:
        SparseMemoryBenchmark.Run(Console.Out, args[1], long.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
        return 0;
    case "mixture":
        MixtureBenchmark.Run(Console.Out);
        return 0;
    case "stream":
        StreamBenchmark.Run(Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("usage: EntropyElbo.Benchmarks product | training | members | convolution | encoding | ppca [FILE] | factor-analysis | mixture | stream | csv DIGITS | eigenvalues | experiments NAME [argument] | sparse-dictionary FILE.idx FACTOR... | sparse-torch FILE.idx | sparse-memory FILE.idx ROWS H");
        return 2;
}
