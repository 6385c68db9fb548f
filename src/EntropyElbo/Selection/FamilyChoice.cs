using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>
/// Which of all families fit the kind of some columns, so that their scores compare: for rows of 0 and 1 and for counts those that give
/// probabilities, for other numbers those that give densities.
/// </summary>
/// <param name="Families">Those that fit, in the order of the documentation.</param>
/// <param name="Likelihood">The likelihood of those that have the choice; null for their own.</param>
/// <param name="LeftOut">The others, with why.</param>
/// <param name="Kind">The kind of the columns, in words.</param>
public sealed record FamilyChoice(
    IReadOnlyList<string> Families, string? Likelihood, IReadOnlyList<KeyValuePair<string, string>> LeftOut, string Kind)
{
    /// <summary>Looks at the rows, in one pass.</summary>
    /// <param name="rows">The rows; missing values are looked past.</param>
    /// <param name="common">Settings that all candidates have; a likelihood among them is kept to.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <exception cref="BadDataException">There are no rows.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static FamilyChoice Of(IRowSource rows, FitSettings? common = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        common ??= new FitSettings();
        ValueKind kind = ValueKind.Of(rows, cancellationToken);
        string? likelihood = common.Likelihood ?? (kind.IsBinary ? "bernoulli" : kind.AreCounts ? "poisson" : null);
        FitSettings settings = likelihood is null ? common : common.With(SettingNames.Likelihood, likelihood);
        List<string> fitting = [];
        List<KeyValuePair<string, string>> others = [];
        foreach (ModelFamily family in ModelFamilies.All)
        {
            if (WhyNot(family, kind, settings, rows.Columns) is { } reason)
            {
                others.Add(new(family.Name, reason));
            }
            else
            {
                fitting.Add(family.Name);
            }
        }

        return new FamilyChoice(fitting, likelihood, others, kind.Words);
    }

    private static string? WhyNot(ModelFamily family, ValueKind kind, FitSettings settings, int columns)
    {
        if (OutsideSupport(family.Name, kind) is { } outside)
        {
            return outside;
        }

        try
        {
            FitSettings own = family.Only(settings);
            own = own[family.LatentSetting.Name] is null ? own.With(family.LatentSetting.Name, 1) : own;
            bool gives = family.CreateTrainer(own) is not IColumnUse use || use.Probabilities(columns).All(p => p == kind.HasProbabilities);
            return gives ? null
                : kind.HasProbabilities ? $"it gives densities, which do not compare with probabilities of {kind.Words}"
                : $"it gives probabilities, and the columns are {kind.Words}";
        }
        catch (BadOptionException error)
        {
            return error.Option == SettingNames.Likelihood ? $"it is not for {kind.Words}: {error.Message}" : error.Message;
        }
    }

    /// <summary>Why values are not what a family is for, or null.</summary>
    private static string? OutsideSupport(string family, ValueKind kind) => family switch
    {
        "sbn" or "deep-sbn" or "mixture:bernoulli" when !kind.IsBinary => $"it is for rows of 0 and 1; {kind.Not("0 or 1", v => v is 0 or 1)}",
        "mixture:categorical" when !kind.IsBinary => "it takes every value for a category; name it where columns are categories",
        "mixture:categorical" => "on rows of 0 and 1 it is mixture:bernoulli",
        "mixture:poisson" when kind.IsBinary => "rows of 0 and 1 have no counts",
        "mixture:poisson" when !kind.AreCounts => $"it is for counts; {kind.Not("a whole number of 0 or more", v => v >= 0 && v % 1 == 0)}",
        "mixture:gamma" or "mixture:exponential" when !kind.HasProbabilities && kind.Least <= 0 =>
            $"it is for numbers above 0; {kind.Not("above 0", v => v > 0)}",
        "mixture:beta" when !kind.HasProbabilities && !(kind.Least > 0 && kind.Most < 1) =>
            $"it is for numbers between 0 and 1; {kind.Not("between them", v => v is > 0 and < 1)}",
        _ => null,
    };

    /// <summary>What the values of a table are.</summary>
    private sealed record ValueKind(
        double Least, double Most, bool AreWhole, string LeastColumn, string MostColumn, (double Value, string Column) Fraction)
    {
        public bool AreCounts => AreWhole && Least >= 0;

        public bool IsBinary => AreCounts && Most <= 1;

        public bool HasProbabilities => AreCounts;

        public string Words => IsBinary ? "0 and 1" : AreCounts ? "counts" : Least > 0 ? "numbers above 0" : "numbers";

        public static ValueKind Of(IRowSource rows, CancellationToken cancellationToken)
        {
            double[] block = RowBlock.Allocate(rows.Columns);
            (double least, double most) = (double.PositiveInfinity, double.NegativeInfinity);
            (int leastPlace, int mostPlace) = (0, 0);
            (double Value, string Column) fraction = (double.NaN, "");
            using IRowCursor cursor = rows.Open();
            for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (int i = 0; i < read * rows.Columns; i++)
                {
                    double value = block[i];
                    if (!double.IsFinite(value))
                    {
                        continue;
                    }

                    (least, leastPlace) = value < least ? (value, i % rows.Columns) : (least, leastPlace);
                    (most, mostPlace) = value > most ? (value, i % rows.Columns) : (most, mostPlace);
                    if (fraction.Column.Length == 0 && value % 1 != 0)
                    {
                        fraction = (value, rows.ColumnNames[i % rows.Columns]);
                    }
                }
            }

            return least <= most
                ? new(least, most, fraction.Column.Length == 0, rows.ColumnNames[leastPlace], rows.ColumnNames[mostPlace], fraction)
                : throw new BadDataException("There are no numbers in the rows.");
        }

        /// <summary>A value that is not what belongs there, with its column.</summary>
        public string Not(string what, Func<double, bool> belongs)
        {
            (double value, string column) = !belongs(Least) ? (Least, LeastColumn) : !belongs(Most) ? (Most, MostColumn) : Fraction;
            return FormattableString.Invariant($"column {column} has {value}, which is not {what}");
        }
    }
}
