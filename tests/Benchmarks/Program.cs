using EntropyElbo.Benchmarks;

switch (args.Length > 0 ? args[0] : string.Empty)
{
    case "product":
        MatrixProductBenchmark.Run(Console.Out);
        return 0;
    case "training":
        TrainingBenchmark.Run(Console.Out, args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 0);
        return 0;
    default:
        Console.Error.WriteLine("usage: EntropyElbo.Benchmarks product | training [threads]");
        return 2;
}
