using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Weights and components of a mixture: <c>c ~ Cat(pi)</c>, <c>x|c</c> of the component's families (LW Def. H), with its
/// E-step, its statistics and its exact M-step. Immutable.
/// </summary>
internal sealed class MixtureParameters
{
    private readonly double[] _logWeights;

    /// <summary>Takes weights that sum to 1 and the components of all column ranges.</summary>
    public MixtureParameters(double[] weights, ColumnComponents[] ranges)
    {
        Weights = weights;
        Ranges = ranges;
        Families = Array.ConvertAll(ranges, r => r.Family);
        Layout = new StatisticsLayout(Families, weights.Length);
        _logWeights = new double[MixtureWorkspace.LanesOf(weights.Length)];
        Array.Fill(_logWeights, double.NegativeInfinity);
        for (int k = 0; k < weights.Length; k++)
        {
            _logWeights[k] = Math.Log(weights[k]);
        }
    }

    /// <summary>pi, K values.</summary>
    public double[] Weights { get; }

    /// <summary>Components, K.</summary>
    public int Components => Weights.Length;

    /// <summary>The components of each column range.</summary>
    public ColumnComponents[] Ranges { get; }

    /// <summary>The families of each column range.</summary>
    public ColumnFamily[] Families { get; }

    /// <summary>Where statistics lie.</summary>
    public StatisticsLayout Layout { get; }

    /// <summary>K - 1 weights and the components' own parameters.</summary>
    public int FreeParameters => Components - 1 + Families.Sum(f => f.FreeParameters(Components));

    /// <summary>Entropy of the prior.</summary>
    public double PriorEntropy => -Weights.Sum(SpecialFunctions.XLogX);

    /// <summary>The E-step of a block: loads the rows, fills responsibilities, row values and row entropies.</summary>
    /// <param name="rows">Whole rows, scaled.</param>
    /// <param name="count">Rows, at most a block.</param>
    /// <param name="work">Filled.</param>
    /// <param name="kept">Components kept per row.</param>
    public void Posterior(ReadOnlySpan<double> rows, int count, MixtureWorkspace work, int kept)
    {
        int width = rows.Length / count;
        for (int g = 0; g < Ranges.Length; g++)
        {
            Families[g].Load(rows, count, width, work.Scratches[g]);
        }

        PosteriorOfLoaded(count, work, kept);
    }

    /// <summary>
    /// As <see cref="Posterior"/>, for rows that training did not see: values that no component allows are taken out of
    /// their rows' likelihoods and counted.
    /// </summary>
    public void PosteriorOfNew(ReadOnlySpan<double> rows, int count, MixtureWorkspace work, int kept)
    {
        Posterior(rows, count, work, kept);
        int width = rows.Length / count;
        bool any = false;
        for (int row = 0; row < count; row++)
        {
            work.Unseen[row] = 0;
            work.UnseenMeasure[row] = 0;
            bool impossible = double.IsNegativeInfinity(work.RowValues[row]);
            for (int g = 0; g < Ranges.Length; g++)
            {
                if (Families[g].MayBeUnseen && (impossible || Families[g] is CategoricalFamily))
                {
                    ReadOnlySpan<double> columns = rows.Slice((row * width) + Families[g].Range.Start, Families[g].Count);
                    work.Unseen[row] += Families[g].DropUnseen(Ranges[g], work.Scratches[g], row, columns, ref work.UnseenMeasure[row]);
                }
            }

            any |= impossible && work.Unseen[row] > 0;
        }

        if (any)
        {
            PosteriorOfLoaded(count, work, kept);
        }
    }

    private void PosteriorOfLoaded(int count, MixtureWorkspace work, int kept)
    {
        for (int g = 0; g < Ranges.Length; g++)
        {
            Ranges[g].LogDensities(work.Scratches[g], count, g == 0 ? work.Joint : work.Other);
            if (g > 0)
            {
                ElementLoops.Add(work.Other.Slice(0, count), work.Joint.Slice(0, count));
            }
        }

        PosteriorKernels.Fill(work, count, Weights, _logWeights, kept);
    }

    /// <summary>
    /// ELBO, entropies and residuals of these parameters under the q that made the statistics (LW eq. 112),
    /// nats per row. Right after an M-step both residuals are 0.
    /// </summary>
    /// <param name="statistics">Sums over rows.</param>
    public MixtureValues Values(ReadOnlySpan<double> statistics)
    {
        ReadOnlySpan<double> counts = statistics[..Components];
        double rows = VectorFold.Sum(counts);
        double crossEntropy = 0;
        double priorResidual = 0;
        for (int k = 0; k < Components; k++)
        {
            double share = counts[k] / rows;
            double log = ColumnComponents.BoundedLog(Weights[k]);
            crossEntropy -= share * log;

            // With natural parameters relative to the last component: the same, since the differences sum to 0.
            priorResidual += (Weights[k] - share) * log;
        }

        double density = 0, decoder = 0, noise = 0, smoothing = 0, pseudo = 0;
        for (int g = 0; g < Ranges.Length; g++)
        {
            ReadOnlySpan<double> own = Layout.Of(statistics, g);
            density += Ranges[g].ExpectedLogDensity(counts, own);
            noise += Ranges[g].Residual(counts, own);
            decoder += VectorFold.Dot(counts, Ranges[g].Entropies);
            smoothing -= Ranges[g].PseudoResidual();
            pseudo += Ranges[g].PseudoDensity();
        }

        double baseMeasure = statistics[Layout.BaseMeasure] / rows;
        double encoder = statistics[Layout.EncoderEntropy] / rows;
        return new MixtureValues
        {
            Reconstruction = (density / rows) + baseMeasure,
            Kl = crossEntropy - encoder,
            EncoderEntropy = encoder,
            PriorEntropy = PriorEntropy,
            DecoderEntropy = decoder / rows,
            BaseMeasure = baseMeasure,
            PriorResidual = priorResidual,
            NoiseResidual = noise / rows,
            SmoothingResidual = smoothing / rows,
            PseudoDensity = pseudo / rows,
        };
    }

    /// <summary>Every component's share of the prior residual under the q that made the statistics, nats per row.</summary>
    public double[] PriorResiduals(ReadOnlySpan<double> statistics)
    {
        double[] residuals = new double[Components];
        double rows = VectorFold.Sum(statistics[..Components]);
        for (int k = 0; k < Components; k++)
        {
            residuals[k] = (Weights[k] - (statistics[k] / rows)) * ColumnComponents.BoundedLog(Weights[k]);
        }

        return residuals;
    }

    /// <summary>Every component's share of the noise residual; none where a parameter that all share makes only their sum vanish.</summary>
    public double[] NoiseResiduals(ReadOnlySpan<double> statistics)
    {
        if (Ranges.Any(r => !r.HasOwnResiduals))
        {
            return [];
        }

        double[] residuals = new double[Components];
        ReadOnlySpan<double> counts = statistics[..Components];
        for (int g = 0; g < Ranges.Length; g++)
        {
            Ranges[g].AddResiduals(counts, Layout.Of(statistics, g), residuals);
        }

        double rows = VectorFold.Sum(counts);
        return Array.ConvertAll(residuals, r => r / rows);
    }

    /// <summary>The exact M-step.</summary>
    /// <param name="families">Families of the column ranges.</param>
    /// <param name="layout">Where statistics lie.</param>
    /// <param name="statistics">Sums over rows.</param>
    /// <param name="current">Parameters so far: kept by components without weight; or null.</param>
    /// <param name="notes">Told of floors and bounds.</param>
    /// <exception cref="TrainingException">No parameters of a family follow from the statistics.</exception>
    public static MixtureParameters Maximise(
        IReadOnlyList<ColumnFamily> families,
        StatisticsLayout layout,
        ReadOnlySpan<double> statistics,
        MixtureParameters? current,
        MaximisationNotes notes)
    {
        ReadOnlySpan<double> counts = statistics[..layout.Components];
        double[] weights = new double[counts.Length];
        TensorPrimitives.Divide(counts, VectorFold.Sum(counts), weights);
        ColumnComponents[] ranges = new ColumnComponents[families.Count];
        for (int g = 0; g < ranges.Length; g++)
        {
            try
            {
                ranges[g] = families[g].Maximise(counts, layout.Of(statistics, g), current?.Ranges[g], notes);
            }
            catch (ArgumentException error)
            {
                // Sums that overflow, or a checkpoint's that no rows have.
                throw new TrainingException(
                    $"The rows' statistics lead to parameters of {families[g].Range.Family} that cannot be used ({error.Message}); scale "
                        + $"the columns (minmax or standard), or start without the checkpoint.", error);
            }
        }

        return new MixtureParameters(weights, ranges);
    }
}

/// <summary>
/// Where the statistics of a mixture lie in one vector: weights of the components, entropy of q, log h, then the families' own.
/// </summary>
internal sealed class StatisticsLayout
{
    private readonly int[] _starts;

    /// <summary>Lays out the statistics of so many components.</summary>
    /// <exception cref="BadOptionException">They would not fit memory.</exception>
    public StatisticsLayout(IReadOnlyList<ColumnFamily> families, int components)
    {
        Components = components;
        _starts = new int[families.Count + 1];
        long next = components + 5;
        for (int g = 0; g <= families.Count; g++)
        {
            _starts[g] = (int)next;
            next += g < families.Count ? families[g].StatisticsLength(components) : 0;
            if (next > MaximumLength)
            {
                throw new BadOptionException(
                    "components", $"The statistics of {components} components would take {next} numbers, more than {MaximumLength}; use "
                        + $"fewer components or columns, or gaussian-diagonal in place of gaussian-full.");
            }
        }
    }

    /// <summary>Most statistics: half a gigabyte per thread.</summary>
    public const long MaximumLength = 1 << 26;

    /// <summary>K.</summary>
    public int Components { get; }

    /// <summary>Place of the summed entropy of q.</summary>
    public int EncoderEntropy => Components;

    /// <summary>Place of the summed log base measure.</summary>
    public int BaseMeasure => Components + 1;

    /// <summary>Place of the number of rows that no component allows.</summary>
    public int Impossible => Components + 2;

    /// <summary>Place of the number of values that training did not see.</summary>
    public int UnseenValues => Components + 3;

    /// <summary>Place of the number of rows with such values.</summary>
    public int UnseenRows => Components + 4;

    /// <summary>Length of the vector.</summary>
    public int Length => _starts[^1];

    /// <summary>The part of a column range.</summary>
    public ReadOnlySpan<double> Of(ReadOnlySpan<double> statistics, int range) => statistics[_starts[range].._starts[range + 1]];

    /// <summary>The part of a column range.</summary>
    public Span<double> Of(Span<double> statistics, int range) => statistics[_starts[range].._starts[range + 1]];

    /// <summary>Adds a block's statistics.</summary>
    /// <param name="families">Families of the column ranges.</param>
    /// <param name="work">Responsibilities and loaded rows.</param>
    /// <param name="count">Rows.</param>
    /// <param name="rowWeights">Weight of each row, or empty for 1.</param>
    /// <param name="statistics">Added to.</param>
    public void Add(
        IReadOnlyList<ColumnFamily> families, MixtureWorkspace work, int count, ReadOnlySpan<double> rowWeights, Span<double> statistics)
    {
        for (int row = 0; row < count && !rowWeights.IsEmpty; row++)
        {
            Span<double> r = work.Responsibilities[row];
            TensorPrimitives.Multiply(r, rowWeights[row], r);
            work.RowEntropies[row] *= rowWeights[row];
        }

        statistics[EncoderEntropy] += VectorFold.Sum(work.RowEntropies.AsSpan(0, count));
        ElementLoops.ColumnSums(work.Responsibilities.Slice(0, count), work.Sums.Span);
        Span<double> counts = statistics[..Components];
        TensorPrimitives.Add(counts, work.Sums.Span[..Components], counts);

        for (int g = 0; g < families.Count; g++)
        {
            families[g].AddStatistics(work.Scratches[g], count, work.Responsibilities, Of(statistics, g));
        }
    }
}

/// <summary>A mixture's figures for some rows; nats per row.</summary>
internal readonly record struct MixtureValues
{
    /// <summary>Reconstruction - Kl.</summary>
    public double Elbo => Reconstruction - Kl;

    /// <summary>EncoderEntropy - PriorEntropy - DecoderEntropy + BaseMeasure.</summary>
    public double EntropySum => EncoderEntropy - PriorEntropy - DecoderEntropy + BaseMeasure;

    public double Reconstruction { get; init; }

    public double Kl { get; init; }

    public double EncoderEntropy { get; init; }

    public double PriorEntropy { get; init; }

    public double DecoderEntropy { get; init; }

    public double BaseMeasure { get; init; }

    public double PriorResidual { get; init; }

    public double NoiseResidual { get; init; }

    /// <summary>What EM raises: the ELBO, and the log density of the pseudo-rows.</summary>
    public double Objective => Elbo + PseudoDensity;

    /// <summary>Log density of the pseudo-rows, for each row.</summary>
    public double PseudoDensity { get; init; }

    /// <summary>The part of NoiseResidual that pseudo-counts leave at a stationary point.</summary>
    public double SmoothingResidual { get; init; }
}
