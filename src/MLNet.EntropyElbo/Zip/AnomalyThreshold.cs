using EntropyElbo;
using EntropyElbo.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>The anomaly score that a share of the training rows exceeds.</summary>
internal static class AnomalyThreshold
{
    /// <summary>Scores that are kept: of more rows, every second, every fourth and so on, which moves a share by a few thousandths of itself.</summary>
    private const int MostScores = 1 << 22;

    /// <summary>Scores the rows, as the transformer does, and finds the threshold. Rows with missing values have no score.</summary>
    /// <exception cref="BadDataException">No row has a score.</exception>
    public static float Learn(
        RowEncoder encoder, IRowSource rows, double share, CancellationToken cancellationToken, int mostScores = MostScores)
    {
        EncodingBlock block = new(encoder, EncodingBlock.CapacityFor(encoder), EncodedParts.Elbo);
        List<float> scores = [];
        long stride = 1, seen = 0;
        using IRowCursor cursor = rows.Open();
        for (int read; (read = cursor.Read(block.Rows)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            encoder.Encode(block, read);
            foreach (float elbo in block.Elbos.AsSpan(0, read))
            {
                if (!float.IsNaN(elbo) && seen++ % stride == 0)
                {
                    scores.Add(-elbo);
                }
            }

            if (scores.Count >= mostScores)
            {
                scores = [.. scores.Where((_, i) => i % 2 == 0)];
                stride *= 2;
            }
        }

        return scores.Count > 0
            ? Quantile(scores, share)
            : throw new BadDataException("No row has an anomaly score to learn a threshold from; leave Contamination out.");
    }

    /// <summary>The score that so large a share exceeds, or a little less where scores are equal.</summary>
    private static float Quantile(List<float> scores, double share)
    {
        scores.Sort();
        return scores[scores.Count - 1 - (int)(share * scores.Count)];
    }
}
