using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The sums of a batch's codes in the one tensor that comes back from the device, in the order of <see cref="AmortisedGraph"/>.
/// </summary>
internal static class CodeSums
{
    /// <summary>Fills the library's sums.</summary>
    public static void Fill(double[] values, long rows, SparseCodingSums sums)
    {
        int latents = sums.Products.Rows, columns = sums.Products.Columns, place = 0;
        sums.Clear();
        sums.Rows = rows;
        ElementLoops.Load(Next(latents * columns), latents, sums.Products);
        ElementLoops.Load(Next(latents * latents), latents, sums.Seconds);
        Next(latents).CopyTo(sums.Means);
        Next(latents).CopyTo(sums.Sizes);
        Next(columns).CopyTo(sums.Centred);
        sums.Squares = Next(1)[0];
        sums.Entropy = Next(1)[0] + (rows * latents * SpecialFunctions.StandardNormalEntropy);
        sums.Errors = Next(1)[0];
        sums.Evaluations = rows;

        ReadOnlySpan<double> Next(int length) => values.AsSpan((place += length) - length, length);
    }
}
