using EntropyElbo.Models;

namespace EntropyElbo.Onnx.Tests;

/// <summary>What the library says of rows, by the names of outputs, and how far another answer is from it.</summary>
internal static class Expected
{
    public static Dictionary<string, double[]> Of(LatentModel model, double[] rows, OnnxOutputs what)
    {
        int count = rows.Length / model.ObservedDimension, latents = model.LatentDimension;
        Dictionary<string, double[]> outputs = [];
        double[] means = new double[count * latents], variances = new double[count * latents];
        model.Encode(rows, means, variances);
        if (what.HasFlag(OnnxOutputs.Encoder))
        {
            outputs["mean"] = means;
            outputs["variance"] = variances;
        }

        if (what.HasFlag(OnnxOutputs.Responsibilities))
        {
            outputs["responsibilities"] = means;
        }

        if (what.HasFlag(OnnxOutputs.Reconstruction))
        {
            model.Reconstruct(rows, outputs["reconstruction"] = new double[rows.Length]);
        }

        if (what.HasFlag(OnnxOutputs.Score))
        {
            model.AnomalyScore(rows, outputs["score"] = new double[count]);
        }

        return outputs;
    }

    /// <summary>The least number that single precision, which outputs have, holds with all its digits.</summary>
    public const double LeastOutput = 1.17549435e-38;

    /// <summary>
    /// The largest difference relative to the value, or to the root mean square of its output where the value is smaller, or to the least
    /// number of single precision where both are.
    /// </summary>
    public static double Difference(double[] expected, double[] found)
    {
        Assert.AreEqual(expected.Length, found.Length);
        double scale = Math.Max(LeastOutput, Math.Sqrt(expected.Where(double.IsFinite).Average(v => v * v))), largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (double.IsFinite(expected[i]))
            {
                double difference = Math.Abs(expected[i] - found[i]) / Math.Max(Math.Abs(expected[i]), scale);
                largest = double.IsNaN(difference) ? double.NaN : Math.Max(largest, difference);
            }
            else
            {
                Assert.AreEqual(expected[i], found[i]);
            }
        }

        return largest;
    }
}
