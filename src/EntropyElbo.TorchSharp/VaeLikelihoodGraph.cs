using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>log p(x|z) of a batch and the moments that the library's likelihoods keep, in their order.</summary>
internal sealed class VaeLikelihoodGraph(VaeGraph graph)
{
    /// <summary>Up to this size of u, <c>e^u - 1 - u</c> is its series.</summary>
    private const double SeriesReach = 0.5;
    private const double LargeShape = 10;

    private readonly VaeArchitecture _shape = graph.Network.Architecture;

    /// <summary>Number of moments of the library's likelihood.</summary>
    public int MomentCount { get; } = graph.Network.Likelihood<float>().MomentCount;

    /// <summary>The summed log-likelihood, and the moments without a graph.</summary>
    public (Tensor Reconstruction, Tensor Moments) Evaluate(Tensor x, Tensor output, Tensor? spreads)
    {
        if (spreads is not null)
        {
            return Network(x, output, spreads);
        }

        return _shape.Likelihood.Kind switch
        {
            LikelihoodKind.Gaussian => Gaussian(x, output),
            LikelihoodKind.Gamma => Gamma(x, output),
            _ => Canonical(x, output),
        };
    }

    /// <summary>One variance, or one per column: the squared errors; of a fixed one, the sums of its pseudo entropies.</summary>
    private (Tensor Reconstruction, Tensor Moments) Gaussian(Tensor x, Tensor output)
    {
        long rows = x.shape[0];
        Tensor log = graph[graph.Network.LogVariance!.Tensor].flatten();
        log = _shape.Spread == SpreadKind.Fixed ? log.detach() : log;
        Tensor squares = (output - x).Square();
        Tensor moments = log.shape[0] == 1 ? squares.sum().reshape(1) : squares.sum(0L);
        double share = (double)_shape.Columns / log.shape[0];
        Tensor reconstruction = log.Plus(SpecialFunctions.LogTwoPi).Times(rows * share).sum().Plus((moments * (-log).exp()).sum());
        return (reconstruction.Times(-0.5), _shape.Spread == SpreadKind.Fixed ? PseudoEntropies(x, output.detach()) : moments.detach());
    }

    /// <summary>Sums of <c>(mu - x) mu</c>, of <c>mu^2 - x^2</c> and of <c>x^2</c>.</summary>
    private static Tensor PseudoEntropies(Tensor x, Tensor output)
    {
        Tensor error = output - x;
        return stack([(error * output).sum(), (error * output.Plus(x)).sum(), x.Square().sum()]);
    }

    /// <summary>VAE-3: log-variances, outputs outside the linear regime, squared errors over variances per column.</summary>
    private (Tensor Reconstruction, Tensor Moments) Network(Tensor x, Tensor output, Tensor spreads)
    {
        Tensor outside, logs;
        switch (_shape.VarianceOutput)
        {
            case VarianceOutput.Exponential:
                outside = spreads.IsAbove(ScaleParameters.Greatest) | spreads.IsBelow(ScaleParameters.Least);
                logs = VaeGraph.StraightThrough(spreads, ScaleParameters.Least, ScaleParameters.Greatest);
                break;
            case VarianceOutput.Softplus:
                outside = spreads.sigmoid().IsBelow(VarianceKernels.LinearSlope);

                // log softplus(r) = r - softplus(r) / 2 and smaller terms far below zero, where its own logarithm would lose digits.
                Tensor below = spreads.ClampMax(-4), x1 = below.exp();
                Tensor tail = below.Plus(x1 * (x1 * (x1 * x1.Times(251.0 / 2880).Minus(0.125)).Plus(5.0 / 24)).Minus(0.5));
                logs = where(spreads.IsBelow(-4), tail, spreads.ClampMin(-4).Softplus().log());
                break;
            default:
                outside = spreads.IsAtMost(0);
                logs = spreads.relu().Plus(VarianceKernels.Offset).log();
                break;
        }

        Tensor squares = ((output - x).Square() * (-logs).exp()).sum(0L);
        Tensor sumOfLogs = logs.sum();
        Tensor moments = cat([sumOfLogs.detach().reshape(1), outside.sum().to(float32).reshape(1), squares.detach()]);
        double constant = SpecialFunctions.LogTwoPi * x.shape[0] * _shape.Columns;
        return (sumOfLogs.Plus(squares.sum()).Plus(constant).Times(-0.5), moments);
    }

    /// <summary>Gamma columns: deviances, errors and log-means for each dispersion, bounded log-means.</summary>
    private (Tensor Reconstruction, Tensor Moments) Gamma(Tensor x, Tensor output)
    {
        const double bound = GammaLikelihood.GreatestLogMean;
        Tensor logDispersions = graph[graph.Network.LogVariance!.Tensor].flatten(), shapes = (-logDispersions).exp();
        double count = x.shape[0] * ((double)_shape.Columns / logDispersions.shape[0]);
        Tensor free = output.Times(_shape.Likelihood.ActivationFactor), logs = x.log();
        Tensor bounded = free.abs().IsAbove(bound).sum().to(float32).reshape(1);
        Tensor logMean = VaeGraph.StraightThrough(free, -bound, bound), u = logs - logMean;
        Tensor error = u.expm1();

        // Beside u = 0 the difference of the error and u would lose what the series keeps.
        Tensor near = u.Clamp(-SeriesReach, SeriesReach), series = near.Times(1.0 / 40320).Plus(1.0 / 5040);
        foreach (double factorial in (double[])[720, 120, 24, 6, 2])
        {
            series = (series * near).Plus(1 / factorial);
        }

        Tensor deviances = where(u.abs().IsAtMost(SeriesReach), series * near.Square(), error - u);
        Tensor deviance = Shares(deviances, logDispersions), logMeans = Shares(logMean, logDispersions);

        // Log Gamma of a large shape in single precision would lose the normaliser, so that is Stirling's formula there.
        Tensor large = shapes.ClampMin(LargeShape), small = shapes.ClampMax(LargeShape);
        Tensor inverse = large.reciprocal(), square = inverse.Square();
        Tensor remainder = inverse * (square * (square.Times(1.0 / 1260).Minus(1.0 / 360))).Plus(1.0 / 12);
        Tensor normaliser = where(
            shapes.IsAbove(LargeShape),
            large.log().Minus(SpecialFunctions.LogTwoPi).Times(0.5) - remainder,
            (small * small.log().Minus(1)) - small.lgamma());
        Tensor reconstruction = normaliser.sum().Times(count) - (shapes * deviance).sum() - logs.sum();
        return (reconstruction, cat([deviance.detach(), Shares(error, logDispersions).detach(), logMeans.detach(), bounded]));
    }

    /// <summary>Sums over rows, and over columns where they share a dispersion.</summary>
    private static Tensor Shares(Tensor x, Tensor dispersions) => dispersions.shape[0] == 1 ? x.sum().reshape(1) : x.sum(0L);

    /// <summary>Canonical links: pseudo entropy, residual, log base measure, bounded log-rates.</summary>
    private (Tensor Reconstruction, Tensor Moments) Canonical(Tensor x, Tensor output)
    {
        int trials = _shape.Likelihood.Trials;
        Tensor natural = output.Times(_shape.Likelihood.ActivationFactor);
        Tensor partition, mean, bounded, logBase;
        if (_shape.Likelihood.Kind == LikelihoodKind.ContinuousBernoulli)
        {
            bounded = zeros_like(natural.sum());
            logBase = zeros_like(bounded);
            (partition, mean) = ContinuousBernoulli(natural);
        }
        else if (_shape.Likelihood.Kind == LikelihoodKind.Poisson)
        {
            bounded = natural.IsAbove(CanonicalLikelihood<float>.GreatestLogRate).sum().to(float32);
            natural = VaeGraph.StraightThrough(natural, double.NegativeInfinity, CanonicalLikelihood<float>.GreatestLogRate);
            partition = natural.exp();
            mean = partition;
            logBase = -x.Plus(1).lgamma().sum();
        }
        else
        {
            bounded = zeros_like(natural.sum());
            partition = natural.Softplus().Times(trials);
            mean = natural.sigmoid().Times(trials);
            logBase = trials == 1
                ? zeros_like(bounded)
                : -x.Plus(1).lgamma().Plus(x.Times(-1).Plus(trials + 1).lgamma()).Minus(SpecialFunctions.LogGamma(trials + 1)).sum();
        }

        Tensor product = (natural.detach() * mean.detach()).sum();
        Tensor observed = (natural * x).sum();
        Tensor total = partition.sum();
        Tensor moments = stack([total.detach() - product, product - observed.detach(), logBase, bounded]);
        return ((observed - total).Plus(logBase), moments);
    }

    /// <summary>log((e^eta - 1) / eta) and its slope: by series beside 0, else from the tail e^-|eta|.</summary>
    private static (Tensor Partition, Tensor Mean) ContinuousBernoulli(Tensor natural)
    {
        const int terms = 6;
        const double reach = Distributions.ContinuousBernoulli.SeriesReach;
        Tensor near = natural.Clamp(-reach, reach), square = near.Square(), even = zeros_like(near), slope = even;
        for (int k = terms; k > 0; k--)
        {
            double coefficient = Distributions.ContinuousBernoulli.Series[k - 1];
            even = (even * square).Plus(coefficient);
            slope = (slope * square).Plus(2 * k * coefficient);
        }

        Tensor far = natural.abs().ClampMin(reach), tail = (-far).exp();
        Tensor below = far.reciprocal() - (tail / (-tail).Plus(1)), isNear = natural.abs().IsBelow(reach);
        Tensor mean = where(isNear, (near * slope).Plus(0.5), where(natural.IsAbove(0), (-below).Plus(1), below)).detach();
        Tensor value = where(isNear, near.Times(0.5).Plus(even * square), natural.relu().Plus((-tail).log1p() - far.log())).detach();

        // The slope is at hand, so no other is traced.
        return (value.Plus((natural - natural.detach()) * mean), mean);
    }
}
