using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Rows;

namespace EntropyElbo.Families.Mixture;

/// <summary>The first parameters of a fit that starts from a model.</summary>
internal static class MixtureFirst
{
    /// <summary>A model's parameters for the families of the fit, whose floors and bounds come from its rows.</summary>
    public static MixtureParameters Of(MixtureParameters known, ColumnFamily[] families) => new(
        [.. known.Weights], [.. families.Select((f, g) => f.Create(known.Components, [.. known.Ranges[g].Parameters]))]);

    /// <summary>Refuses rows with categories that the model does not have; those that only the model has are kept.</summary>
    /// <exception cref="BadDataException">The message names the column.</exception>
    public static void RequireCategories(MixtureModel? from, ColumnFacts facts, int columns)
    {
        if (from is null)
        {
            return;
        }

        double[] most = new double[columns];
        Array.Fill(most, double.NegativeInfinity);
        foreach (CategoricalFamily family in from.Parameters.Families.OfType<CategoricalFamily>())
        {
            for (int d = 0; d < family.Count; d++)
            {
                int column = family.Range.Start + d;
                most[column] = family.Reference[d] - 1;
                if (facts.Maximum[column] > most[column])
                {
                    string name = from.ColumnNames[column];
                    throw new BadDataException(
                        FormattableString.Invariant($"Column '{name}' has the category {facts.Maximum[column]}, and the model to start from knows 0 to {most[column]}; leave such rows out, or start without a model."),
                        column: name);
                }
            }
        }

        facts.RaiseMaxima(most);
    }
}
