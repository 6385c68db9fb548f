using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Vae;

/// <summary>
/// How far a VAE is from converged, by one pass over the rows: slopes along the scale of every layer, and half the squared Newton
/// decrement with the Fisher matrix in Kronecker factors per layer. The diagonal of that matrix would be useless: parameters are
/// correlated. Normalisations have their running statistics, as in use.
/// </summary>
/// <remarks>
/// Where the first decoder layer is kept at unit columns its gradient is taken as it is, along the columns too: to move there is to
/// move the prior's scale and the encoder's together, and so the figures are those of the same model with a standard prior.
/// </remarks>
internal sealed class VaeCertificate
{
    private const string BeyondArithmetic = "The curvature of a layer is beyond single precision.";
    private readonly VaeNetwork _network;
    private readonly AlignedBuffer<float> _parameters;
    private readonly VaeCurvaturePass _pass;

    private VaeCertificate(VaeNetwork network, AlignedBuffer<float> parameters, VaeCurvaturePass pass)
    {
        _network = network;
        _parameters = parameters;
        _pass = pass;
    }

    /// <summary>Makes the pass and what follows from it.</summary>
    /// <param name="network">The networks.</param>
    /// <param name="parameters">Their parameters.</param>
    /// <param name="klWeight">Weight of the KL term in what was climbed.</param>
    /// <param name="header">Scaling, column names and number of rows.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="context">Surroundings of the fit.</param>
    public static CertificateFacts Measure(
        VaeNetwork network, AlignedBuffer<float> parameters, double klWeight, ModelHeader header, IRowSource rows, FitContext context) =>
        Pass(network, parameters, klWeight, header, rows, context).Facts(klWeight);

    /// <summary>The step that the expected gain belongs to, in the places of the layout.</summary>
    public static double[] NaturalStep(
        VaeNetwork network, AlignedBuffer<float> parameters, double klWeight, ModelHeader header, IRowSource rows, FitContext context)
    {
        VaeCertificate certificate = Pass(network, parameters, klWeight, header, rows, context);
        double[] mean = new double[network.Layout.Length], step = new double[mean.Length];
        System.Numerics.Tensors.TensorPrimitives.Add(certificate._pass.Gradient(0), certificate._pass.Gradient(1), mean);
        System.Numerics.Tensors.TensorPrimitives.Multiply(mean, 0.5, mean);
        for (int layer = 0; layer < certificate._pass.Layers.Count; layer++)
        {
            certificate._pass.Step(layer, mean, step);
        }

        foreach (ScaleParameters scale in network.Scales)
        {
            for (int i = scale.Tensor.Offset; i < scale.Tensor.Offset + scale.Tensor.Columns; i++)
            {
                step[i] = scale.SlopeFactor * mean[i];
            }
        }

        return step;
    }

    private static VaeCertificate Pass(
        VaeNetwork network, AlignedBuffer<float> parameters, double klWeight, ModelHeader header, IRowSource rows, FitContext context)
    {
        using IRowCursor cursor = new CheckedRows(rows, context.MissingValues).Open();
        VaeCurvaturePass pass = new(network, parameters, klWeight, header, cursor, context.ThreadCount);
        pass.Run(context.ThrowsWhenCancelled ? context.CancellationToken : default);
        return new VaeCertificate(network, parameters, pass);
    }

    private CertificateFacts Facts(double klWeight)
    {
        double[] first = _pass.Gradient(0).ToArray(), second = _pass.Gradient(1).ToArray();
        EulerResidual[] residuals = [.. _pass.Blocks.Select((block, i) => Residual(i, block, first, second))];
        double gain = residuals.Sum(r => r.ExpectedGain ?? 0);
        string?[] remarks =
        [
            double.IsFinite(gain) ? null : BeyondArithmetic,
            klWeight == 1
                ? null
                : FormattableString.Invariant(
                    $"Gain and slopes are those of the ELBO with a weight of {klWeight} on the KL term, which was climbed."),
            _pass.Layers.Any(l => l.IsCut) ? FormattableString.Invariant($"Of layers with more than {KroneckerFactors.MostWidth - 1} inputs or {KroneckerFactors.MostWidth} outputs the curvature of that side is its diagonal.") : null,
        ];
        string remark = string.Join(' ', remarks.Where(r => r is not null));
        return new CertificateFacts
        {
            Method = GainMethod.NaturalStep,
            ExpectedGain = double.IsFinite(gain) ? gain : null,
            EulerResiduals = residuals,
            Remark = remark.Length > 0 ? remark : null,
        };
    }

    private EulerResidual Residual(int index, ParameterBlock block, double[] first, double[] second)
    {
        double sum = 0, worst = 0;
        int unit = 0;
        for (int i = 0; i < block.Units; i++)
        {
            double slope = 0.5 * (block.Slope<double>(_parameters.Span, first, i) + block.Slope<double>(_parameters.Span, second, i));
            sum += slope;
            if (Math.Abs(slope) > Math.Abs(worst))
            {
                (worst, unit) = (slope, i);
            }
        }

        return new EulerResidual(block.Name, sum, _pass.Error(index))
        {
            WorstUnit = block.Units > 1 ? FormattableString.Invariant($"unit {unit + 1}") : null,
            WorstResidual = block.Units > 1 ? worst : null,
            ExpectedGain = block.IsLog ? ScaleGain(block.Weights, first, second) : _pass.HalfDecrement(index),
        };
    }

    /// <summary>Half the squared decrement of log-scales, whose Fisher information is known: 1 over the slope's factor.</summary>
    private double ScaleGain(ParameterTensor tensor, double[] first, double[] second)
    {
        double factor = _network.Scales.First(s => s.Tensor == tensor).SlopeFactor, sum = 0;
        for (int i = tensor.Offset; i < tensor.Offset + tensor.Columns; i++)
        {
            sum += 0.5 * factor * first[i] * second[i];
        }

        return sum;
    }
}
