using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

[TestClass]
public sealed class GaussianVaeObjectiveTests
{
    private const int Rows = 7;

    private static readonly (VaeVariant Variant, string Likelihood, VarianceOutput Output, string? Image)[] s_members =
    [
        (VaeVariant.FixedVariance, "gaussian", default, null),
        (VaeVariant.LearnedVariance, "gaussian", default, null),
        (VaeVariant.LearnedPrior, "gaussian", default, null),
        (VaeVariant.VariancePerColumn, "gaussian", default, null),
        (VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Exponential, null),
        (VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Softplus, null),
        (VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.OffsetRelu, null),
        (VaeVariant.SparsePrior, "gaussian", default, null),
        (VaeVariant.SparsePrior, "bernoulli", default, null),
        (VaeVariant.SparsePrior, "poisson", default, null),
        (VaeVariant.LearnedVariance, "bernoulli", default, null),
        (VaeVariant.LearnedPrior, "binomial:8", default, null),
        (VaeVariant.LearnedVariance, "poisson", default, null),
        (VaeVariant.LearnedVariance, "continuous-bernoulli", default, null),
        (VaeVariant.LearnedVariance, "gamma", default, null),
        (VaeVariant.VariancePerColumn, "gamma", default, null),
        (VaeVariant.SparsePrior, "gamma", default, null),
        (VaeVariant.LearnedVariance, "gaussian", default, "4x3x2"),
        (VaeVariant.LearnedPrior, "gaussian", default, "2x3"),
        (VaeVariant.VariancePerColumn, "gaussian", default, "3x2x2:planar"),
        (VaeVariant.VarianceNetwork, "gaussian", VarianceOutput.Exponential, "2x3x2"),
        (VaeVariant.SparsePrior, "bernoulli", default, "3x3"),
        (VaeVariant.LearnedVariance, "poisson", default, "3x3"),
        (VaeVariant.VariancePerColumn, "gamma", default, "3x3"),
    ];

    public static IEnumerable<object?[]> Members => s_members.Select(m => new object?[] { m.Variant, m.Likelihood, m.Output, m.Image });

    public static IEnumerable<object?[]> DenseMembers => s_members.Where(m => m.Image is null).Select(m => new object?[] { m.Variant, m.Likelihood, m.Output });

    public static IEnumerable<object?[]> WeightedMembers => Members.SelectMany(m => new[] { (0.3, 0.3), (1.0, 1.0), (2.0, 0.5) }
        .Select(w => m.Append(w.Item1).Append(w.Item2).ToArray()));

    [TestMethod]
    [DynamicData(nameof(WeightedMembers))]
    public void Gradient_AgreesWithFiniteDifferences(VaeVariant variant, string likelihood, VarianceOutput output, string? image, double prior, double entropy)
    {
        StepWeights klWeight = new(prior, entropy);
        Probe<double> probe = new(variant, columns: 5, latents: 3, hidden: [6, 4], likelihood: likelihood, output: output, image: image);
        AlignedBuffer<double> gradient = new(probe.Network.Layout.Length);
        probe.Value(klWeight, gradient);
        double[] analytic = gradient.Span.ToArray();
        foreach (ParameterTensor tensor in probe.Network.Layout.Tensors)
        {
            for (int i = 0; i < tensor.Length && !tensor.Name.Contains("running", StringComparison.Ordinal); i++)
            {
                int entry = tensor.Offset + i;
                bool padding = i % tensor.Stride >= tensor.Columns;
                bool isFixed = tensor.Name == "decoder.log_variance" && variant == VaeVariant.FixedVariance;
                double expected = padding || isFixed ? 0 : FiniteDifference(probe, entry, klWeight);
                Assert.AreEqual(expected, analytic[entry], 1e-6 * (1 + Math.Abs(expected)), $"{tensor.Name} entry {i}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(DenseMembers))]
    public void GradientByWeights_IsThatOfRepeatedRows(VaeVariant variant, string likelihood, VarianceOutput output)
    {
        int[] rowWeights = [2, 1, 4];
        StepWeights weights = new(2, 0.5);
        Probe<double> probe = new(variant, columns: 5, latents: 3, hidden: [6, 4], likelihood: likelihood, output: output);
        AlignedBuffer<double> weighted = new(probe.Network.Layout.Length), repeated = new(weighted.Length);
        ElboStatistics own = probe.WeightedSums(rowWeights, weights, weighted);
        probe.Repeat(rowWeights);
        ElboStatistics all = probe.Sums(rowWeights.Sum(), weights, repeated);
        for (int i = 0; i < weighted.Length; i++)
        {
            Assert.AreEqual(repeated[i], weighted[i], 1e-9 * (1 + Math.Abs(repeated[i])), $"entry {i}");
        }

        Assert.AreEqual(3, own.Rows);
        Assert.AreEqual(7, own.Weight);
        Assert.AreEqual(all.Reconstruction, own.Reconstruction, 1e-9 * Math.Abs(all.Reconstruction));
        foreach ((double[] expected, double[] actual) in new[] { (all.Kl, own.Kl), (all.EncoderEntropy, own.EncoderEntropy), (all.SecondMoment, own.SecondMoment), (all.Moments, own.Moments) })
        {
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 1e-9 * (1 + Math.Abs(expected[i])));
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Members))]
    public void ImportanceGradient_AgreesWithFiniteDifferences(VaeVariant variant, string likelihood, VarianceOutput output, string? image)
    {
        const int rows = 2, samples = 3;
        Probe<double> probe = new(variant, columns: 5, latents: 3, hidden: [6, 4], likelihood: likelihood, output: output, image: image);
        probe.Repeat(rows, samples);
        AlignedBuffer<double> gradient = new(probe.Network.Layout.Length);
        probe.ImportanceValue(rows, samples, gradient);
        double[] analytic = gradient.Span.ToArray();
        foreach (ParameterTensor tensor in probe.Network.Layout.Tensors.Where(t => !t.Name.Contains("running", StringComparison.Ordinal)))
        {
            for (int i = 0; i < tensor.Length; i++)
            {
                bool isFixed = i % tensor.Stride >= tensor.Columns || (tensor.Name == "decoder.log_variance" && variant == VaeVariant.FixedVariance);
                double expected = isFixed ? 0 : FiniteDifference(probe, tensor.Offset + i, g => probe.ImportanceValue(rows, samples, g));
                Assert.AreEqual(expected, analytic[tensor.Offset + i], 2e-6 * (1 + Math.Abs(expected)), $"{tensor.Name} entry {i}");
            }
        }
    }

    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance)]
    [DataRow(VaeVariant.LearnedPrior)]
    [DataRow(VaeVariant.SparsePrior)]
    public void ImportanceBound_OfOneDrawIsTheElboOnAverage(VaeVariant variant)
    {
        const int repeats = 4000;
        Probe<double> probe = new(variant, columns: 5, latents: 3, hidden: [6, 4]);
        AlignedBuffer<double> gradient = new(probe.Network.Layout.Length);
        RandomStream random = new(9, RandomPurpose.EvaluationNoise);
        double sum = 0, squares = 0;
        for (int i = 0; i < repeats; i++)
        {
            probe.Work.FillNoise(random, Rows);
            double difference = probe.ImportanceValue(Rows, 1, gradient) - probe.Value(1, gradient);
            sum += difference;
            squares += difference * difference;
        }

        double mean = sum / repeats, deviation = Math.Sqrt((squares / repeats) - (mean * mean));
        Assert.IsLessThan(4 * deviation / Math.Sqrt(repeats), Math.Abs(mean));
        Assert.IsGreaterThan(0.1, deviation, "a sampled KL divergence");
    }

    [TestMethod]
    public void ImportanceBound_AgreesWithLogDensitiesWrittenOut()
    {
        const int rows = 2, samples = 3;
        Probe<double> probe = new(VaeVariant.LearnedVariance, columns: 5, latents: 3, hidden: [6, 4]);
        probe.Repeat(rows, samples);
        double expected = 0, variance = Math.Exp(probe.LogScale(probe.Network.LogVariance!, 0));
        static double Normal(double x, double mean, double variance) => -0.5 * (Math.Log(2 * Math.PI * variance) + ((x - mean) * (x - mean) / variance));
        for (int row = 0; row < rows; row++)
        {
            double weights = 0;
            for (int draw = row * samples; draw < (row + 1) * samples; draw++)
            {
                (double[] mean, double[] logVariance) = probe.NaiveEncode(draw);
                double[] z = [.. mean.Select((m, h) => m + (Math.Exp(logVariance[h] / 2) * probe.Work.Noise[draw][h]))];
                double[] decoded = probe.NaiveDecode(z);
                double log = decoded.Select((m, d) => Normal(probe.Work.Rows[draw][d], m, variance)).Sum();
                weights += Math.Exp(log + z.Select((v, h) => Normal(v, 0, 1) - Normal(v, mean[h], Math.Exp(logVariance[h]))).Sum());
            }

            expected += Math.Log(weights / samples);
        }

        double value = probe.ImportanceValue(rows, samples, new AlignedBuffer<double>(probe.Network.Layout.Length));
        Assert.AreEqual(-samples * expected, value, 1e-10 * Math.Abs(value));
    }

    [TestMethod]
    [DynamicData(nameof(Members))]
    public void Identity_HoldsInDoubles(VaeVariant variant, string likelihood, VarianceOutput output, string? image)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Probe<double> probe = new(variant, columns: 9, latents: 4, hidden: [12], seed, likelihood, output, image);
            ElboReport report = probe.Report(samples: 3);
            Assert.AreEqual(
                report.Elbo, report.EntropySum - report.PriorResidual - report.NoiseResidual, 1e-12 * Math.Abs(report.Elbo), $"seed {seed}");
            Assert.IsGreaterThan(1e-2, Math.Abs(report.Elbo - report.EntropySum));
        }
    }

    /// <summary>
    /// Outputs from the middle of the series to far out in the tails, where a like term is subtracted in none: log densities of 25 digits by mpmath, see
    /// Reference/distributions.py, and for gamma columns of a shape in the thousands.
    /// </summary>
    [TestMethod]
    [DataRow("continuous-bernoulli", 0.0)]
    [DataRow("gamma", 0.0)]
    [DataRow("gamma", -9.0)]
    [DataRow("gamma", 12.0)]
    public void LogLikelihoods_KeepTheirDigitsForAllOutputs(string name, double logDispersion)
    {
        VaeNetwork network = new(new VaeArchitecture(VaeVariant.LearnedVariance, 9, 1, []) { Likelihood = ObservableLikelihood.Parse(name) });
        DecoderLikelihood<double> likelihood = network.Likelihood<double>();
        AlignedBuffer<double> parameters = new(network.Layout.Length);
        if (network.LogVariance is { } scale)
        {
            parameters[scale.Tensor.Offset] = logDispersion;
        }

        double[] outputs = [-35, -4, -1.000001, -0.999999, -0.3, 1e-7, 0.7, 3, 38];
        Matrix<double> means = new(1, 9), rows = new(1, 9);
        double[] value = new double[1], moments = new double[likelihood.MomentCount];
        double expected = 0, size = 1;
        for (int d = 0; d < 9; d++)
        {
            means.View[0][d] = outputs[d];
            rows.View[0][d] = name == "gamma" ? Math.Exp(Math.Min(outputs[d], 30) + (0.11 * (d - 3))) : (d + 1) / 10.0;
            double density = network.Architecture.Likelihood.Family!.LogDensity(
                [rows.View[0][d]], VaeContract.Natural(network.Architecture.Likelihood, outputs[d], Math.Exp(-logDispersion)));
            expected += density;
            size += Math.Abs(density);
        }

        likelihood.Evaluate(parameters, new DecoderBlock<double>(means, default), rows, 1, value, moments);
        Assert.AreEqual(expected, value[0], 1e-11 * size);
    }

    [TestMethod]
    [DynamicData(nameof(Members))]
    public void PseudoEntropyIdentity_HoldsInDoubles(VaeVariant variant, string likelihood, VarianceOutput output, string? image)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Probe<double> probe = new(variant, columns: 9, latents: 4, hidden: [12], seed, likelihood, output, image);
            ElboReport report = probe.Report(samples: 3);
            if (!HasSecondMeter(variant, likelihood))
            {
                Assert.IsNull(report.PseudoEntropy);
                continue;
            }

            PseudoEntropyReport pseudo = report.PseudoEntropy!;
            Assert.AreEqual(report.Elbo, pseudo.EntropySum - report.PriorResidual - pseudo.Residual, 1e-12 * Math.Abs(report.Elbo), $"seed {seed}");
            Assert.AreEqual(
                pseudo.EntropySum,
                report.EncoderEntropy - report.PriorEntropy - pseudo.DecoderEntropy + pseudo.BaseMeasure,
                1e-12 * (Math.Abs(pseudo.BaseMeasure) + Math.Abs(pseudo.EntropySum)));
            Assert.HasCount(probe.Network.Architecture.Images?.Shape.Channels ?? 9, pseudo.Residuals);
            if (variant == VaeVariant.FixedVariance || likelihood != "gaussian")
            {
                // The form that these have anyway.
                Assert.AreEqual(report.EntropySum, pseudo.EntropySum, 1e-12 * Math.Abs(pseudo.BaseMeasure - pseudo.DecoderEntropy));
                Assert.AreEqual(report.NoiseResidual, pseudo.Residual, 1e-12 * pseudo.AbsoluteResidual);
            }
        }
    }

    /// <summary>Whether natural parameters are linear in the decoder's output and nothing of it stands in the base measure.</summary>
    private static bool HasSecondMeter(VaeVariant variant, string likelihood) => variant != VaeVariant.VarianceNetwork && likelihood != "gamma";

    /// <summary>A column's residual is minus the ELBO's slope as its weights and bias grow by a common factor.</summary>
    [TestMethod]
    [DynamicData(nameof(Members))]
    public void OutputResiduals_AreSlopesOfTheElbo(VaeVariant variant, string likelihood, VarianceOutput output, string? image)
    {
        if (!HasSecondMeter(variant, likelihood))
        {
            return;
        }

        Probe<double> probe = new(variant, columns: 5, latents: 3, hidden: [6, 4], likelihood: likelihood, output: output, image: image);
        double[] residuals = probe.OutputResiduals();
        for (int unit = 0; unit < residuals.Length; unit++)
        {
            Assert.AreEqual(probe.SlopeOfOutput(unit), residuals[unit], 1e-6 * (1 + Math.Abs(residuals[unit])), $"output {unit}");
            Assert.IsGreaterThan(1e-6, Math.Abs(residuals[unit]));
        }
    }

    [TestMethod]
    [DynamicData(nameof(DenseMembers))]
    public void Elbo_AgreesWithLogDensitiesWrittenOut(VaeVariant variant, string likelihood, VarianceOutput output)
    {
        Probe<double> probe = new(variant, columns: 5, latents: 3, hidden: [6, 4], likelihood: likelihood, output: output);
        AlignedBuffer<double> gradient = new(probe.Network.Layout.Length);
        double value = probe.Value(1, gradient);
        double expected = 0;
        for (int row = 0; row < Rows; row++)
        {
            (double[] mean, double[] logVariance) = probe.NaiveEncode(row);
            double[] z = [.. mean.Select((m, h) => m + (Math.Exp(logVariance[h] / 2) * probe.Work.Noise[row][h]))];
            double[] decoded = probe.NaiveDecode(z);
            for (int d = 0; d < decoded.Length; d++)
            {
                if (probe.Network.Architecture.Likelihood is { Family: { } family } own)
                {
                    double shape = probe.Network.LogVariance is { } dispersion ? Math.Exp(-probe.LogScale(dispersion, d)) : 0;
                    expected += family.LogDensity([probe.Work.Rows[row][d]], VaeContract.Natural(own, own.ActivationFactor * decoded[d], shape));
                    continue;
                }

                double s = probe.Network.Variances is null
                    ? probe.LogScale(probe.Network.LogVariance!, d)
                    : Math.Log(probe.NaiveVariances(z)[d]);
                double error = probe.Work.Rows[row][d] - decoded[d];
                expected += (-0.5 * Math.Log(2 * Math.PI * Math.Exp(s))) - (error * error / (2 * Math.Exp(s)));
            }

            for (int h = 0; h < mean.Length; h++)
            {
                double variance = Math.Exp(logVariance[h]);
                if (variant == VaeVariant.SparsePrior)
                {
                    expected -= LaplaceKl(mean[h], Math.Sqrt(variance), Math.Exp(probe.LogScale(probe.Network.PriorScale!, h)));
                    continue;
                }

                double prior = probe.Network.PriorScale is { } scale ? Math.Exp(probe.LogScale(scale, h)) : 1;
                expected -= 0.5 * ((((mean[h] * mean[h]) + variance) / prior) - 1 - Math.Log(variance / prior));
            }
        }

        Assert.AreEqual(-expected, value, 1e-10 * Math.Abs(expected));
    }

    [TestMethod]
    [DynamicData(nameof(Members))]
    public void FloatsAndDoubles_Agree(VaeVariant variant, string likelihood, VarianceOutput output, string? image)
    {
        Probe<double> wide = new(variant, columns: 20, latents: 5, hidden: [33, 17], likelihood: likelihood, output: output, image: image);
        Probe<float> narrow = new(variant, columns: 20, latents: 5, hidden: [33, 17], likelihood: likelihood, output: output, image: image);
        AlignedBuffer<double> wideGradient = new(wide.Network.Layout.Length);
        AlignedBuffer<float> narrowGradient = new(narrow.Network.Layout.Length);
        double wideValue = wide.Value(0.7, wideGradient);
        Assert.AreEqual(wideValue, narrow.Value(0.7, narrowGradient), 1e-5 * Math.Abs(wideValue));
        double scale = wideGradient.Span.ToArray().Max(Math.Abs);
        for (int i = 0; i < wideGradient.Length; i++)
        {
            Assert.AreEqual(wideGradient.Span[i], narrowGradient.Span[i], 1e-5 * scale, $"entry {i}");
        }

        ElboReport a = wide.Report(4);
        ElboReport b = narrow.Report(4);
        Assert.AreEqual(a.Elbo, b.Elbo, 1e-5 * Math.Abs(a.Elbo));
        Assert.AreEqual(a.NoiseResidual, b.NoiseResidual, 1e-4 * Math.Abs(a.NoiseResidual));
    }

    /// <summary>KL of a normal from a Laplace distribution by quadrature of its definition, on both sides of the kink.</summary>
    private static double LaplaceKl(double mean, double deviation, double scale)
    {
        double Integrand(double z)
        {
            double log = -0.5 * (Math.Log(2 * Math.PI) + (Math.Pow((z - mean) / deviation, 2))) - Math.Log(deviation);
            return Math.Exp(log) * (log + Math.Log(2 * scale) + (Math.Abs(z) / scale));
        }

        double reach = Math.Abs(mean) + (12 * deviation);
        return reach * (Quadrature.Unit(u => Integrand(-reach * u)) + Quadrature.Unit(u => Integrand(reach * u)));
    }

    private static double FiniteDifference(Probe<double> probe, int entry, StepWeights klWeight) => FiniteDifference(probe, entry, g => probe.Value(klWeight, g));

    private static double FiniteDifference(Probe<double> probe, int entry, Func<AlignedBuffer<double>, double> value)
    {
        // Of fourth order: some probes have variances near zero, where the objective bends sharply, and its size leaves rounding to small steps. A kink within
        // the step shows by a slope that is another at once for a smaller one, which is then taken.
        double original = probe.Parameters.Span[entry];
        AlignedBuffer<double> ignored = new(probe.Network.Layout.Length);
        double At(double offset)
        {
            probe.Parameters.Span[entry] = original + offset;
            return value(ignored);
        }

        double Slope(double step) => ((8 * (At(step) - At(-step))) - (At(2 * step) - At(-2 * step))) / (12 * step);
        double slope = Slope(5e-5);
        foreach (double step in (double[])[1e-5, 2e-6, 4e-7])
        {
            double finer = Slope(step);
            if (Math.Abs(finer - slope) <= 1e-4 * (1 + Math.Abs(finer)))
            {
                break;
            }

            slope = finer;
        }

        probe.Parameters.Span[entry] = original;
        return slope;
    }

    /// <summary>A small VAE with random parameters, rows and noise in place, in either precision.</summary>
    private sealed class Probe<T>
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        private readonly GaussianVaeObjective<T> _objective;

        public Probe(VaeVariant variant, int columns, int latents, int[] hidden, ulong seed = 1, string likelihood = "gaussian", VarianceOutput output = default, string? image = null)
        {
            ImageNetworks? images = image is null ? null : new ImageNetworks { Shape = ImageShape.Parse(image), Filters = hidden };
            columns = images?.Shape.Columns ?? columns;
            Network = new VaeNetwork(new VaeArchitecture(variant, columns, latents, hidden)
            {
                Images = images,
                Likelihood = ObservableLikelihood.Parse(likelihood) with { ActivationFactor = likelihood == "bernoulli" ? 2 : 1 },
                VarianceOutput = output,
            });
            _objective = new GaussianVaeObjective<T>(Network);
            AlignedBuffer<float> start = new(Network.Layout.Length);
            Network.Initialise(start.Span, seed, -0.7);
            RandomStream random = new(seed, RandomPurpose.Initialisation, 5);
            foreach (ParameterTensor bias in Network.Layout.Tensors.Where(t => t.Rows == 1))
            {
                Perturb(start.Span.Slice(bias.Offset, bias.Columns), random);
            }

            if (Network.Variances?.LastWeights is { } last)
            {
                for (int row = 0; row < last.Rows; row++)
                {
                    Perturb(start.Span.Slice(last.Offset + (row * last.Stride), last.Columns), random);
                }
            }

            Parameters = new AlignedBuffer<T>(Network.Layout.Length);
            for (int i = 0; i < start.Length; i++)
            {
                Parameters.Span[i] = T.CreateTruncating(start.Span[i]);
            }

            Work = new VaeWorkspace<T>(Network, Rows, withGradients: true);
            for (int row = 0; row < Rows; row++)
            {
                for (int d = 0; d < columns; d++)
                {
                    double draw = random.NextGaussian();
                    int limit = Network.Architecture.Likelihood.Trials;
                    Work.Rows[row][d] = T.CreateTruncating((float)(Network.Architecture.Likelihood.Name switch
                    {
                        "gaussian" => draw,
                        "gamma" => Math.Exp(draw),
                        "continuous-bernoulli" => 1 / (1 + Math.Exp(-2 * draw)),
                        _ => Math.Min(Math.Floor(Math.Abs(3 * draw)), limit > 0 ? limit : 9),
                    }));
                }
            }

            Work.FillNoise(random, Rows);
        }

        public VaeNetwork Network { get; }

        public AlignedBuffer<T> Parameters { get; }

        public VaeWorkspace<T> Work { get; }

        /// <summary>The log-scale of a column or latent, where all may share one.</summary>
        public double LogScale(ScaleParameters scales, int index) =>
            double.CreateTruncating(Parameters.Span[scales.Tensor.Offset + (index % scales.Tensor.Columns)]);

        /// <summary>Minus the summed ELBO with weighted KL.</summary>
        public double Value(StepWeights weights, AlignedBuffer<T> gradient)
        {
            ElboStatistics sums = new(Network.Architecture.Latents, _objective.MomentCount);
            _objective.Gradient(Parameters, gradient, Work, Rows, weights, sums);

            // -E log p(z) is the KL divergence and the entropy.
            double entropy = sums.EncoderEntropy.Sum();
            return (weights.Prior * (sums.Kl.Sum() + entropy)) - (weights.Entropy * entropy) - sums.Reconstruction;
        }

        /// <summary>Every one of the first rows as often as its weight says, with the same noise.</summary>
        public void Repeat(int[] weights)
        {
            int to = weights.Sum();
            for (int row = weights.Length - 1; row >= 0; row--)
            {
                for (int copy = 0; copy < weights[row]; copy++)
                {
                    to--;
                    Work.Rows[row].CopyTo(Work.Rows[to]);
                    Work.Noise.PaddedRow(row).CopyTo(Work.Noise.PaddedRow(to));
                }
            }
        }

        /// <summary>Gradient and sums of the first rows.</summary>
        public ElboStatistics Sums(int rows, StepWeights weights, AlignedBuffer<T> gradient)
        {
            ElboStatistics sums = new(Network.Architecture.Latents, _objective.MomentCount);
            _objective.Gradient(Parameters, gradient, Work, rows, weights, sums);
            return sums;
        }

        /// <summary>The same by weights of the rows.</summary>
        public ElboStatistics WeightedSums(int[] rowWeights, StepWeights weights, AlignedBuffer<T> gradient)
        {
            ElboStatistics sums = new(Network.Architecture.Latents, _objective.MomentCount);
            new WeightedObjective<T>(_objective).Gradient(
                Parameters, gradient, Work, Array.ConvertAll(rowWeights, w => (float)w), weights, sums);
            return sums;
        }

        /// <summary>Repeats the first rows, draw by draw.</summary>
        public void Repeat(int rows, int samples)
        {
            for (int draw = (rows * samples) - 1; draw > 0; draw--)
            {
                Work.Rows[draw / samples].CopyTo(Work.Rows[draw]);
            }
        }

        /// <summary>Minus K times the importance-weighted bound.</summary>
        public double ImportanceValue(int rows, int samples, AlignedBuffer<T> gradient)
        {
            ElboStatistics sums = new(Network.Architecture.Latents, _objective.MomentCount);
            return -samples * new ImportanceObjective<T>(_objective, rows, samples).Gradient(Parameters, gradient, Work, rows, sums);
        }

        public ElboReport Report(int samples)
        {
            ElboStatistics sums = new(Network.Architecture.Latents, _objective.ReportMomentCount);
            _objective.Accumulate(Parameters, Work, Rows, 0, new EvaluateOptions { Samples = samples }, sums);
            return _objective.Summarise(Parameters, sums);
        }

        /// <summary>The second meter's residuals of the rows and the noise in place, summed over rows.</summary>
        public double[] OutputResiduals()
        {
            ElboStatistics sums = new(Network.Architecture.Latents, _objective.MomentCount);
            _objective.Gradient(Parameters, new AlignedBuffer<T>(Parameters.Length), Work, Rows, 1, sums);
            double[] meter = new double[_objective.Meter.MomentCount];
            _objective.Meter.Add(Work.Output(Rows).Means, Work.Rows.Slice(0, Rows), 1, meter);
            ElboReport report = _objective.Summarise(Parameters, sums);
            return [.. _objective.Meter.Summarise(Parameters, meter, report)!.Residuals.Select(r => r * Rows)];
        }

        /// <summary>The slope of minus the ELBO by the logarithm of a factor on an output's weights and bias.</summary>
        public double SlopeOfOutput(int unit)
        {
            const double step = 1e-4;
            ParameterTensor[] layer = [Network.Decoder.LastWeights, Network.Decoder.LastBias];
            (int Entry, T Value)[] own = [.. layer.SelectMany(t => Enumerable.Range(0, t.Rows)
                .SelectMany(row => Enumerable.Range(0, t.Columns).Where(c => c % Network.Decoder.LastBias.Columns == unit).Select(c => t.Offset + (row * t.Stride) + c)))
                .Select(entry => (entry, Parameters.Span[entry]))];
            double At(double factor)
            {
                foreach ((int entry, T value) in own)
                {
                    Parameters.Span[entry] = value * T.CreateTruncating(factor);
                }

                return Value(1, new AlignedBuffer<T>(Parameters.Length));
            }

            double slope = ((8 * (At(1 + step) - At(1 - step))) - (At(1 + (2 * step)) - At(1 - (2 * step)))) / (12 * step);
            At(1);
            return slope;
        }

        public (double[] Mean, double[] LogVariance) NaiveEncode(int row)
        {
            // Counts without a limit reach the encoder as log(1 + x), positive numbers as log x.
            string name = Network.Architecture.Likelihood.Name;
            double[] heads = Naive(
                (Perceptron)Network.Encoder, [.. Work.Rows[row].ToArray().Select(double.CreateTruncating).Select(x => name == "poisson" ? Math.Log(1 + x) : name == "gamma" ? Math.Log(x) : x)]);
            int latents = Network.Architecture.Latents;
            return (heads[..latents], heads[latents..]);
        }

        public double[] NaiveDecode(double[] z) => Naive((Perceptron)Network.Decoder, z);

        public double[] NaiveVariances(double[] z) => [.. Naive((Perceptron)Network.Variances!, z).Select(r => Network.Architecture.VarianceOutput switch
        {
            VarianceOutput.Exponential => Math.Exp(r),
            VarianceOutput.Softplus => Math.Log(1 + Math.Exp(r)),
            _ => Math.Max(r, 0) + 0.0001,
        })];

        private static void Perturb(Span<float> values, RandomStream random)
        {
            foreach (ref float value in values)
            {
                value += (float)(0.3 * random.NextGaussian());
            }
        }

        private double[] Naive(Perceptron network, double[] input)
        {
            foreach (Dense layer in network.Layers)
            {
                double[] output = new double[layer.Weights.Columns];
                for (int j = 0; j < output.Length; j++)
                {
                    double sum = double.CreateTruncating(Parameters.Span[layer.Bias.Offset + j]);
                    for (int i = 0; i < input.Length; i++)
                    {
                        sum += input[i] * double.CreateTruncating(Parameters.Span[layer.Weights.Offset + (i * layer.Weights.Stride) + j]);
                    }

                    output[j] = sum < 0 ? sum * layer.Slope : sum;
                }

                input = output;
            }

            return input;
        }
    }
}
