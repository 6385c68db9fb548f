using EntropyElbo.Distributions;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Criterion;

/// <summary>
/// A VAE's decoder in doubles, with factors on its first and last layers and on learned variances, and a shift of the last bias of
/// a variance network.
/// </summary>
internal sealed class VaeParameterization
{
    private readonly GaussianVaeModel _model;
    private readonly VaeNetwork _network;
    private readonly AlignedBuffer<double> _original;
    private readonly AlignedBuffer<double> _moved;
    private readonly VaeWorkspace<double> _work;
    private readonly List<(string Name, ParameterTensor Tensor, bool Shift)> _parameters = [];

    private VaeParameterization(GaussianVaeModel model)
    {
        _model = model;
        _network = model.Network;
        _original = new AlignedBuffer<double>(_network.Layout.Length);
        for (int i = 0; i < model.Parameters.Length; i++)
        {
            _original[i] = model.Parameters[i];
        }

        _moved = new AlignedBuffer<double>(_network.Layout.Length);
        _work = new VaeWorkspace<double>(_network, 1, withGradients: false);
        AddLayers(_network.Decoder);
        if (_network.Variances is { } variances)
        {
            AddLayers(variances);
            _parameters.Add(($"{variances.LastBias.Name} (shift)", variances.LastBias, true));
        }
        else if (_network.LogVariance is { } scale && _network.Architecture.Spread != SpreadKind.Fixed)
        {
            _parameters.Add(($"{scale.Tensor.Name} (shift)", scale.Tensor, true));
        }

        if (_network.Architecture.Likelihood.Kind == LikelihoodKind.Gamma)
        {
            _parameters.Add(($"{_network.Decoder.LastBias.Name} (shift)", _network.Decoder.LastBias, true));
        }
    }

    public static ModelParameterization Of(GaussianVaeModel model) => new VaeParameterization(model).Forms();

    private void AddLayers(Network network)
    {
        foreach (ParameterTensor tensor in new[] { network.FirstWeights, network.LastWeights, network.LastBias }.Distinct())
        {
            _parameters.Add((tensor.Name, tensor, false));
        }
    }

    private bool IsLast(ParameterTensor tensor) => new[] { _network.Decoder, _network.Variances }.OfType<Network>().All(
        n => tensor != n.FirstWeights || tensor == n.LastWeights);

    private ModelParameterization Forms()
    {
        GenerativeParameterization common = Prior() with
        {
            ObservableParameters = [.. _parameters.Select(p => p.Shift ? 0.0 : 1)],
            ObservableNames = [.. _parameters.Select(p => p.Name)],

            // First layers are for the prior's scale. By way of kinks above them, their differences are less exact.
            Subset = [.. Enumerable.Range(0, _parameters.Count).Where(i => IsLast(_parameters[i].Tensor))],
        };
        ObservableLikelihood likelihood = _network.Architecture.Likelihood;
        if (likelihood.Family is not { } family)
        {
            return ModelParameterization.Gaussian(_model.Family, common, Columns, hasPseudoEntropies: _network.Variances is null);
        }

        GenerativeParameterization counts = common with { Observable = likelihood.Kind == LikelihoodKind.Gamma ? PositiveNumbers : Counts };
        return family.HasConstantBaseMeasure
            ? new ModelParameterization(_model.Family, counts, null)
            : new ModelParameterization(_model.Family, null, counts with
            {
                LogBaseMeasure = (x, _) => x.Sum(value => family.LogBaseMeasure([value])),
                Rows = [new double[_model.ObservedDimension]],
            });
    }

    /// <summary>The prior's part. Where its scales are learned they are Psi; N(0, I) has none.</summary>
    private GenerativeParameterization Prior()
    {
        GenerativeParameterization standard = ModelParameterization.StandardNormal(_model.LatentDimension);
        if (_network.PriorScale is null)
        {
            return standard;
        }

        IReadOnlyList<double> variances = _model.PriorVariances;
        bool isLaplace = _network.Architecture.Prior == PriorKind.Laplace;
        return standard with
        {
            Prior = isLaplace ? scales => Array.ConvertAll(scales, s => -1 / s) : scales => Array.ConvertAll(scales, s => -0.5 / s),
            PriorParameters = [.. variances.Select(v => isLaplace ? Math.Sqrt(0.5 * v) : v)],
            ScaledLatents = null,
            Latents = ModelParameterization.Draws([.. variances.Select(Math.Sqrt)]),
        };
    }

    private (double[] Means, double[] LogVariances) Columns(double[] z, double[] t)
    {
        DecoderBlock<double> outputs = Decode(z, t);
        double[] means = outputs.Means[0].ToArray();
        if (_network.Variances is not null)
        {
            VarianceKernels.ToLogVariances(_network.Architecture.VarianceOutput, outputs.Spreads);
            return (means, outputs.Spreads[0].ToArray());
        }

        ParameterTensor logs = _network.LogVariance!.Tensor;
        return (means, [.. Enumerable.Range(0, means.Length).Select(d => _moved[logs.Offset + (d % logs.Columns)])]);
    }

    private double[] Counts(double[] z, double[] t)
    {
        ObservableLikelihood likelihood = _network.Architecture.Likelihood;
        double bound = likelihood.Kind == LikelihoodKind.Poisson ? CanonicalLikelihood<double>.GreatestLogRate : double.PositiveInfinity;
        return Array.ConvertAll(Decode(z, t).Means[0].ToArray(), output => Math.Min(likelihood.ActivationFactor * output, bound));
    }

    /// <summary>Shape less 1, then minus the rate, of each column.</summary>
    private double[] PositiveNumbers(double[] z, double[] t)
    {
        ObservableLikelihood likelihood = _network.Architecture.Likelihood;
        double[] outputs = Decode(z, t).Means[0].ToArray();
        ParameterTensor logs = _network.LogVariance!.Tensor;
        double[] shapes = [.. Enumerable.Range(0, outputs.Length).Select(d => Math.Exp(-_moved[logs.Offset + (d % logs.Columns)]))];
        return [.. shapes.Select(a => a - 1), .. outputs.Select(
            (output, d) => -shapes[d] * Math.Exp(-likelihood.ActivationFactor * output))];
    }

    private DecoderBlock<double> Decode(double[] z, double[] t)
    {
        _original.Span.CopyTo(_moved.Span);
        for (int i = 0; i < t.Length; i++)
        {
            Move(_parameters[i].Tensor, _parameters[i].Shift, t[i]);
        }

        z.CopyTo(_work.Latents[0]);
        return _work.Decode(_moved, 1);
    }

    private void Move(ParameterTensor tensor, bool shift, double value)
    {
        for (int row = 0; row < tensor.Rows && value != (shift ? 0 : 1); row++)
        {
            foreach (ref double entry in _moved.Span.Slice(tensor.Offset + (row * tensor.Stride), tensor.Columns))
            {
                entry = shift ? entry + value : entry * value;
            }
        }
    }
}
