using MLNet.EntropyElbo.Benchmarks;

switch (args)
{
    case ["encode"]:
        EncodingBenchmark.Run(Console.Out);
        return 0;
    case ["score"]:
        ScoringBenchmark.Run(Console.Out);
        return 0;
    case ["fit"]:
        FitBenchmark.Run(Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("usage: MLNet.EntropyElbo.Benchmarks encode | score | fit");
        return 2;
}
