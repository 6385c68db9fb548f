using System.Collections.Concurrent;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae;

/// <content>ELBOs and log-likelihoods of rows, by draws of their latents.</content>
public sealed partial class GaussianVaeModel
{
    private protected override void RowElboScaled(ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> elbos)
    {
        Support?.Require(rows, 0, ColumnNames);
        VaeWorkspace<float> work = Rent();
        Span<double> values = stackalloc double[BlockRows];
        Span<double> moments = stackalloc double[_objective.Likelihood.MomentCount];
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            Span<double> target = elbos.Slice(start, block);
            target.Clear();
            EncodeBlock(rows, start, block, work);
            RandomStream random = new(seed, RandomPurpose.EvaluationNoise);
            if (count == 1)
            {
                AddSamplesOfOneRow(work, samples, random, target);
            }

            for (int sample = 0; sample < samples && count > 1; sample++)
            {
                work.FillSharedNoise(random, block);
                _objective.SampleLikelihood(_parameters, work, block, 1, values, moments);
                Accumulate(target, values, 1.0 / samples);
            }

            _objective.RowKl(_parameters, work, block, values);
            Accumulate(target, values, -1);
        }

        _workspaces.Add(work);
    }

    /// <summary>
    /// The samples of a row that comes alone are decoded together, with the bits they have one by one: one by one, the decoder's
    /// weights would be read again for each.
    /// </summary>
    private void AddSamplesOfOneRow(VaeWorkspace<float> work, int samples, RandomStream random, Span<double> target)
    {
        Span<double> values = stackalloc double[BlockRows];
        Span<double> moments = stackalloc double[_objective.Likelihood.MomentCount];
        int most = Math.Min(RowsPerBlock, samples);
        for (int row = 1; row < most; row++)
        {
            work.Rows[0].CopyTo(work.Rows[row]);
        }

        for (int done = 0; done < samples; done += most)
        {
            int block = Math.Min(most, samples - done);
            for (int sample = block - 1; sample >= 0; sample--)
            {
                // The first row takes every draw and keeps the last, so the order of the draws is that of the rows from behind.
                work.FillNoise(random, 1);
                EncoderKernels.Reparameterise(
                    work.Encoder.Output(1), work.Deviations.Slice(0, 1), work.Noise.Slice(0, 1), work.Latents.Slice(0, 1));
                if (sample > 0)
                {
                    work.Latents[0].CopyTo(work.Latents[sample]);
                }
            }

            DecoderBlock<float> outputs = work.Decode(_parameters, block);
            _objective.Likelihood.Evaluate(_parameters, outputs, work.Rows.Slice(0, block), 1, values, moments);
            for (int sample = block - 1; sample >= 0; sample--)
            {
                Accumulate(target, values.Slice(sample, 1), 1.0 / samples);
            }
        }
    }

    private protected override void LogLikelihoodScaled(
        ReadOnlySpan<double> rows, int count, int samples, ulong seed, Span<double> logLikelihoods)
    {
        Support?.Require(rows, 0, ColumnNames);
        VaeWorkspace<float> work = Rent();
        Span<double> weights = stackalloc double[BlockRows];
        Span<double> moments = stackalloc double[_objective.Likelihood.MomentCount];
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            Span<double> target = logLikelihoods.Slice(start, block);
            target.Fill(double.NegativeInfinity);
            EncodeBlock(rows, start, block, work);
            RandomStream random = new(seed, RandomPurpose.EvaluationNoise);
            for (int sample = 0; sample < samples; sample++)
            {
                work.FillSharedNoise(random, block);
                _objective.SampleLikelihood(_parameters, work, block, 1, weights, moments);
                _objective.AddLogPriorRatio(_parameters, work, block, weights);
                for (int row = 0; row < block; row++)
                {
                    target[row] = LogAdd(target[row], weights[row]);
                }
            }

            foreach (ref double value in target)
            {
                value -= Math.Log(samples);
            }
        }

        _workspaces.Add(work);
    }
}
