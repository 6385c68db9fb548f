namespace EntropyElbo.Onnx.Tests;

/// <summary>Rows of every kind, numbers that single precision holds, so that library and runtime see the same.</summary>
internal static class Rows
{
    public const int Count = 1000;

    /// <summary>Correlated numbers, far from 0 as measurements are.</summary>
    public static double[] Real(int columns, int count = Count) => Make(columns, count, (random, d, cause) =>
        100 * d + 3 * cause * Math.Cos(d) + 0.5 * Normal(random));

    /// <summary>0 or 1.</summary>
    public static double[] Binary(int columns, int count = Count) => Counts(columns, 1, count);

    /// <summary>Counts up to a limit.</summary>
    public static double[] Counts(int columns, int trials, int count = Count) => Make(columns, count, (random, d, cause) =>
        Enumerable.Range(0, trials).Count(_ => random.NextDouble() < 1 / (1 + Math.Exp(-cause * Math.Cos(d)))));

    /// <summary>Counts without a limit, some of them above a thousand.</summary>
    public static double[] Events(int columns, int count = Count) => Make(columns, count, (random, d, cause) =>
        Math.Floor((d == 0 ? 900 : 4) * Math.Exp(0.3 * cause + 0.3 * Normal(random))));

    /// <summary>Numbers between 0 and 1, neither.</summary>
    public static double[] Shares(int columns, int count = Count) => Make(columns, count, (random, d, cause) =>
        1 / (1 + Math.Exp(-cause * Math.Cos(d) - 0.5 * Normal(random))));

    /// <summary>Positive numbers.</summary>
    public static double[] Positive(int columns, int count = Count) => Make(columns, count, (random, d, cause) =>
        Math.Exp(0.5 * cause * Math.Cos(d) + 0.3 * Normal(random) + d));

    /// <summary>Many columns, a multiple of 6, whose size does not grow with their place: rows of 6 with causes of their own, joined.</summary>
    public static double[] Narrow(Func<int, int, double[]> make, int columns, int count) => make(6, columns / 6 * count);

    /// <summary>Whole numbers below a limit.</summary>
    public static double[] Categories(int columns, int categories, int count = Count) => Make(columns, count, (random, d, cause) =>
        Math.Clamp(Math.Floor((categories / 2.0) + cause + Normal(random)), 0, categories - 1));

    /// <summary>Tables side by side.</summary>
    public static double[] Beside(int count, params (double[] Values, int Columns)[] parts) =>
        [.. Enumerable.Range(0, count).SelectMany(row => parts.SelectMany(p => p.Values.Skip(row * p.Columns).Take(p.Columns)))];

    private static double[] Make(int columns, int count, Func<Random, int, double, double> value)
    {
        Random random = new(columns);
        double[] rows = new double[columns * count];
        for (int row = 0; row < count; row++)
        {
            double cause = (2 * (row % 3)) - 2 + (0.5 * Normal(random));
            for (int d = 0; d < columns; d++)
            {
                rows[(row * columns) + d] = (float)value(random, d, cause);
            }
        }

        return rows;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
