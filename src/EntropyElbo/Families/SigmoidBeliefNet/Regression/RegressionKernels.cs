using System.Runtime.Intrinsics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Regression;

/// <summary>The inner loop of the curvature of a block of regressions.</summary>
internal static unsafe class RegressionKernels
{
    /// <summary>Adds a state's curvature to every pair of inputs that are on.</summary>
    /// <param name="on">The inputs that are on, ascending.</param>
    /// <param name="values">The curvature of each column, <see cref="RegressionEvaluator.MaxColumns"/> of them.</param>
    /// <param name="sums">Lower triangles, a run of columns for each pair.</param>
    public static void AddPairs(ReadOnlySpan<int> on, ReadOnlySpan<double> values, Span<double> sums)
    {
        const int columns = RegressionEvaluator.MaxColumns;
        long last = on[^1];
        ArgumentOutOfRangeException.ThrowIfLessThan(sums.Length, (last + 1) * (last + 2) / 2 * columns);
        Vector512<double> v0 = Vector512.Create(values), v1 = Vector512.Create(values[8..]);
        Vector512<double> v2 = Vector512.Create(values[16..]), v3 = Vector512.Create(values[24..]);
        fixed (double* start = sums)
        {
            for (int i = 0; i < on.Length; i++)
            {
                double* row = start + ((long)on[i] * (on[i] + 1) / 2 * columns);
                for (int j = 0; j <= i; j++)
                {
                    double* sum = row + (on[j] * columns);
                    Vector512.Store(Vector512.Load(sum) + v0, sum);
                    Vector512.Store(Vector512.Load(sum + 8) + v1, sum + 8);
                    Vector512.Store(Vector512.Load(sum + 16) + v2, sum + 16);
                    Vector512.Store(Vector512.Load(sum + 24) + v3, sum + 24);
                }
            }
        }
    }
}
