using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <content>
/// Terms of the ELBO of a row, in closed form. Latents by the chain rule, where q has correlations: a latent given those after it
/// has the variance that the Cholesky factor of <c>T^-1 = L L'</c> leaves, <c>1 / L_hh^2</c>.
/// </content>
public sealed partial class PoissonSparseCodingModel
{
    private protected override void RowTermsScaled(
        ReadOnlySpan<double> rows, int start, int count, int samples, ulong seed, RowTermSpans terms)
    {
        RowSolver solver = Rent();
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<double> counts = Row(rows, start + row);
            RowTermSpans own = terms.Row(row, ObservedDimension, LatentDimension);
            solver.Infer(counts, isWarm: false);
            LatentTermsOf(solver.State, own);
            for (int d = 0; d < own.Columns.Length; d++)
            {
                own.Columns[d] = (counts[d] * solver.State.Linear[d]) - solver.State.WeightTarget[d]
                    - SpecialFunctions.LogGamma(counts[d] + 1);
            }
        }

        _solvers.Add(solver);
    }

    private protected override void RowEntropySums(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> sums)
    {
        double prior = 0;
        foreach (double scale in Parameters.Scales)
        {
            prior += LaplaceLatents.Entropy(scale);
        }

        RowSolver solver = Rent();
        for (int row = 0; row < count; row++)
        {
            Infer(solver, rows, row);
            RowState state = solver.State;
            sums[row] = Entropy(state) - prior - _bound.Terms.Entropy(state.Linear, state.Spread, state.WeightTarget)
                + LogBaseMeasure(Row(rows, row));
        }

        _solvers.Add(solver);
    }

    private void LatentTermsOf(RowState state, RowTermSpans own)
    {
        for (int h = 0; h < LatentDimension; h++)
        {
            double entropy = SpecialFunctions.StandardNormalEntropy
                + (IsDiagonal ? 0.5 * Math.Log(state.Variance[h]) : -Math.Log(state.Factor[(h * LatentDimension) + h]));
            if (!own.Entropies.IsEmpty)
            {
                own.Entropies[h] = entropy;
            }

            if (!own.Kl.IsEmpty)
            {
                own.Kl[h] = LaplaceLatents.Kl(Parameters.Scales[h], state.Size[h], entropy);
            }
        }
    }
}
