using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EntropyElbo.Data;

namespace EntropyElbo.Selection;

/// <summary>
/// Names what the trials of a study speak of: the rows, bit by bit, and all that changes a score but the candidate. Threads, trial and
/// time limits and the search are left out: a study may go on with others.
/// </summary>
internal static class StudyFingerprint
{
    /// <summary>The name, in one pass over the rows.</summary>
    public static string Of(IRowSource rows, SelectionOptions options)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Comparison(options)));
        foreach (string name in rows.ColumnNames)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + '\n'));
        }

        double[] block = RowBlock.Allocate(rows.Columns), weights = RowBlock.AllocateWeights(rows);
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(MemoryMarshal.AsBytes(block.AsSpan(0, read * rows.Columns)));
            hash.AppendData(MemoryMarshal.AsBytes(weights.AsSpan(0, rows.HasWeights ? read : 0)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Another version of the library may score otherwise.</summary>
    private static string Comparison(SelectionOptions options)
    {
        bool isHeldOut = options.Criterion.IsHeldOut();
        string version = typeof(StudyFingerprint).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version ?? "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{version}|{options.Criterion.Name()}|{(isHeldOut ? options.Folds : null)}|"
                + $"{(isHeldOut ? options.HeldOutShare ?? SelectionOptions.DefaultHeldOutShare : null)}|{(isHeldOut ? options.Seed : null)}|"
                + $"{options.Starts}|{(options.Criterion == SelectionCriterion.ImportanceWeighted ? options.ImportanceSamples : null)}|"
                + $"{options.MissingValues}|{options.Caching}\n");
    }
}
