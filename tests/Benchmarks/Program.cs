using EntropyElbo.Benchmarks;
using EntropyElbo.Benchmarks.Experiments;

switch (args.Length > 0 ? args[0] : string.Empty)
{
    case "product":
        MatrixProductBenchmark.Run(Console.Out);
        return 0;
    case "training":
        TrainingBenchmark.Run(Console.Out);
        return 0;
    case "experiments":
        return ExperimentRunner.Run(Console.Out, args[1..]);
    case "encoding":
        EncodingBenchmark.Run(Console.Out);
        return 0;
    case "mixture":
        MixtureBenchmark.Run(Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("usage: EntropyElbo.Benchmarks product | training | encoding | mixture | experiments NAME [argument]");
        return 2;
}
