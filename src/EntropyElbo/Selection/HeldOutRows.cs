using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Selection;

/// <summary>Sums of the ELBOs of held-out rows, mergeable over folds.</summary>
internal sealed class HeldOutRows
{
    private readonly List<(HeldOutElbo Part, double Weight, double Squares)> _parts = [];
    private readonly List<RowEstimate> _logLikelihoods = [];

    /// <summary>Adds rows under a model that was not trained on them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="options">How to evaluate.</param>
    /// <param name="shift">Added to each row's ELBO: folds have scalings of their own.</param>
    public void Add(LatentModel model, IRowSource rows, EvaluateOptions options, double shift)
    {
        CheckedRows checkedRows = new(rows, options.MissingValues);
        Evaluation evaluation = model.Evaluate(checkedRows, options);
        double mean = evaluation.Summary.Elbo + shift;
        double squares = SquaredDeviations(model, checkedRows, options);
        _parts.Add((new HeldOutElbo(mean, 0, evaluation.Summary.Rows), evaluation.Summary.CountedRows, squares));
    }

    /// <summary>Adds the rows' log-likelihoods.</summary>
    /// <param name="model">A model that was not trained on them.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="options">How to evaluate; its samples are importance samples.</param>
    /// <param name="shift">Added to each row's.</param>
    public void AddLogLikelihoods(LatentModel model, IRowSource rows, EvaluateOptions options, double shift)
    {
        RowEstimate own = model.EstimateLogLikelihood(rows, options, options.CancellationToken);
        _logLikelihoods.Add(own with { Value = own.Value + shift });
    }

    /// <summary>All rows together.</summary>
    public HeldOutElbo Total()
    {
        double rows = _parts.Sum(p => p.Weight);
        double mean = _parts.Sum(p => p.Part.Elbo * p.Weight) / rows;
        double squares = _parts.Sum(p => p.Squares + (p.Weight * (p.Part.Elbo - mean) * (p.Part.Elbo - mean)));
        double error = rows > 1 ? Math.Sqrt(squares / (rows - 1) / rows) : double.NaN;
        return new HeldOutElbo(mean, error, _parts.Sum(p => p.Part.Rows));
    }

    /// <summary>Log-likelihoods of all rows together.</summary>
    public RowEstimate? TotalLogLikelihood()
    {
        if (_logLikelihoods.Count == 0)
        {
            return null;
        }

        double rows = _logLikelihoods.Sum(p => p.Weight);
        double mean = _logLikelihoods.Sum(p => p.Value * p.Weight) / rows;
        double squares = _logLikelihoods.Sum(
            p => (p.StandardError * p.StandardError * p.Weight * (p.Weight - 1)) + (p.Weight * (p.Value - mean) * (p.Value - mean)));
        long number = _logLikelihoods.Sum(p => p.Rows);
        return new RowEstimate(mean, Math.Sqrt(squares / (rows - 1) / rows), number, _logLikelihoods.Max(p => p.Samples))
        {
            RowWeight = rows == number ? null : rows,
        };
    }

    /// <summary>Sum of squared deviations of the rows' ELBOs from their mean.</summary>
    private static double SquaredDeviations(LatentModel model, CheckedRows rows, EvaluateOptions options)
    {
        double[] block = RowBlock.Allocate(rows.Columns);
        double[] elbos = new double[RowBlock.RowsPerBlock(rows.Columns)], weights = RowBlock.AllocateWeights(rows);
        using IRowCursor cursor = rows.Open();
        SpreadSums sums = new();
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            model.RowElbo(block.AsSpan(0, read * rows.Columns), elbos.AsSpan(0, read), options.Samples, options.Seed);
            sums.Add(elbos.AsSpan(0, read), weights.AsSpan(0, rows.HasWeights ? read : 0));
        }

        return sums.Squares;
    }
}
