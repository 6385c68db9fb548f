using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae;

/// <content>Terms of the ELBO of a row: reconstruction sampled, the rest in closed form.</content>
public sealed partial class GaussianVaeModel
{
    private protected override bool IsEntropySumSampled => !_objective.Likelihood.HasConstantEntropy;

    private protected override void RowTermsScaled(
        ReadOnlySpan<double> rows, int start, int count, int samples, ulong seed, RowTermSpans terms)
    {
        VaeWorkspace<float> work = Rent();
        EncodeBlock(rows, start, count, work);
        FillLatentTerms(work, count, terms);
        RandomStream random = new(seed, RandomPurpose.EvaluationNoise);
        terms.Columns.Clear();
        for (int sample = 0; sample < samples && !terms.Columns.IsEmpty; sample++)
        {
            work.FillSharedNoise(random, count);
            _objective.Likelihood.AddColumnTerms(
                _parameters, DecodeSample(work, count), work.Rows.Slice(0, count), 1.0 / samples, terms.Columns);
        }

        _workspaces.Add(work);
    }

    private protected override void RowElbosDrawn(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> elbos)
    {
        VaeWorkspace<float> work = Rent();
        RandomStream random = EncodeForDraws(rows, count, firstRow, options, work);
        Span<double> values = stackalloc double[count];
        Span<double> moments = stackalloc double[_objective.Likelihood.MomentCount];
        _objective.RowKl(_parameters, work, count, values);
        elbos.Clear();
        Accumulate(elbos, values, -1);
        for (int sample = 0; sample < options.Samples; sample++)
        {
            work.FillNoise(random, count);
            _objective.SampleLikelihood(_parameters, work, count, 1, values, moments);
            Accumulate(elbos, values, 1.0 / options.Samples);
        }

        _workspaces.Add(work);
    }

    private protected override void RowEntropySums(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> sums)
    {
        VaeWorkspace<float> work = Rent();
        RandomStream random = EncodeForDraws(rows, count, firstRow, options, work);
        sums.Fill(-_objective.Prior.Scales(_parameters).Sum(s => s.Entropy) - (IsEntropySumSampled ? 0 : ConstantDecoderEntropy()));
        AddEncoderEntropies(work, count, sums);
        for (int sample = 0; sample < options.Samples && IsEntropySumSampled; sample++)
        {
            work.FillNoise(random, count);
            AddDecoderEntropies(DecodeSample(work, count), work, count, 1.0 / options.Samples, sums);
        }

        _workspaces.Add(work);
    }

    /// <summary>Encodes a block of a pass, and gives the random numbers that a report has for it.</summary>
    private RandomStream EncodeForDraws(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, VaeWorkspace<float> work)
    {
        SingleRange.Load(rows, count, work.Rows, firstRow, ColumnNames);
        work.Encode(_parameters, count);
        return GaussianVaeObjective<float>.DrawsOf(firstRow / RowsPerBlock, options);
    }

    /// <summary>Decodes one sample of each row's latents, with the noise in the workspace.</summary>
    private DecoderBlock<float> DecodeSample(VaeWorkspace<float> work, int count)
    {
        EncoderKernels.Reparameterise(
            work.Encoder.Output(count), work.Deviations.Slice(0, count), work.Noise.Slice(0, count), work.Latents.Slice(0, count));
        return work.Decode(_parameters, count);
    }

    private void FillLatentTerms(VaeWorkspace<float> work, int count, RowTermSpans terms)
    {
        int latents = LatentDimension;
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> head = work.Encoder.Output(count)[row];
            RowTermSpans own = terms.Row(row, ObservedDimension, latents);
            for (int h = 0; h < own.Kl.Length; h++)
            {
                own.Kl[h] = _objective.Prior.Evaluate(_parameters, h, head[h], head[latents + h]).Kl;
            }

            for (int h = 0; h < own.Entropies.Length; h++)
            {
                own.Entropies[h] = SpecialFunctions.StandardNormalEntropy + (0.5 * head[latents + h]);
            }
        }
    }

    private void AddEncoderEntropies(VaeWorkspace<float> work, int count, Span<double> sums)
    {
        for (int row = 0; row < count; row++)
        {
            foreach (float logVariance in work.Encoder.Output(count)[row].Slice(LatentDimension, LatentDimension))
            {
                sums[row] += SpecialFunctions.StandardNormalEntropy + (0.5 * logVariance);
            }
        }
    }

    private double ConstantDecoderEntropy() =>
        _objective.Likelihood.Summarise(_parameters, stackalloc double[_objective.Likelihood.MomentCount], 1).Entropy;

    /// <summary>
    /// Takes off what the decoder's entropy is for each row's latents, and adds the row's log base measure: a summary of one row
    /// each.
    /// </summary>
    private void AddDecoderEntropies(DecoderBlock<float> outputs, VaeWorkspace<float> work, int count, double weight, Span<double> sums)
    {
        DecoderLikelihood<float> likelihood = _objective.Likelihood;
        Span<double> value = stackalloc double[1];
        Span<double> moments = stackalloc double[likelihood.MomentCount];
        for (int row = 0; row < count; row++)
        {
            moments.Clear();
            DecoderBlock<float> own = new(outputs.Means.Slice(row, 1), outputs.Spreads.HasData ? outputs.Spreads.Slice(row, 1) : default);
            likelihood.Evaluate(_parameters, own, work.Rows.Slice(row, 1), 1, value, moments);
            (double entropy, _, double baseMeasure) = likelihood.Summarise(_parameters, moments, 1);
            sums[row] += weight * (baseMeasure - entropy);
        }
    }
}
