using System.Globalization;
using EntropyElbo;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.EntropyElbo.Training;

namespace MLNet.EntropyElbo;

/// <summary>
/// Counts in the log the rows that a model refuses while it encodes: the 1st, the 10th, the 100th and so on, since a view
/// has no end at which a total could be told.
/// </summary>
internal sealed class RefusalLog(MLContext ml)
{
    /// <summary>Notes a row.</summary>
    /// <param name="rows">Rows refused so far.</param>
    /// <param name="error">Why the latest was.</param>
    public void Report(long rows, BadDataException error)
    {
        if (!IsPowerOfTen(rows))
        {
            return;
        }

        using IChannel channel = ((IHostEnvironment)ml).Register("Encoding").Start("Encoding");
        string column = error.Column is { } name ? $", the latest by column '{name}'" : "";
        channel.WriteWarning(string.Create(
            CultureInfo.InvariantCulture,
            $"{rows} {(rows == 1 ? "row has" : "rows have")} values outside the model's support so far{column}: missing values and an "
                + $"infinite anomaly score in their places"));
    }

    private static bool IsPowerOfTen(long number)
    {
        while (number % 10 == 0)
        {
            number /= 10;
        }

        return number == 1;
    }
}
