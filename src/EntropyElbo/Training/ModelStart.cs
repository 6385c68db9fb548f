using System.Security.Cryptography;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Training;

/// <summary>What a fit takes from the model that it starts from, and what both must have in common.</summary>
internal static class ModelStart
{
    /// <summary>A trainer that starts from a model.</summary>
    /// <param name="trainer">The trainer with all other options.</param>
    /// <param name="model">The model.</param>
    /// <param name="asked">The scaling that was asked for, or null.</param>
    /// <exception cref="BadOptionException">The family knows no start, or the model is of another family or scaling.</exception>
    public static ITrainer Apply(ITrainer trainer, LatentModel model, ScalingKind? asked)
    {
        ITrainer started = trainer is IModelStart start ? start.StartingFrom(model) : throw new BadOptionException(
            SettingNames.From, $"A {trainer.GetType().Name} cannot start from a model; leave it out.");
        RequireScaling(model, asked);
        return started;
    }

    /// <summary>A model as one of the trainer's family.</summary>
    /// <exception cref="BadOptionException">It is of another.</exception>
    public static TModel Of<TModel>(LatentModel model, string family)
        where TModel : LatentModel
    {
        RequireFamily(model, family);
        return model as TModel ?? throw WrongFamily(model, family);
    }

    /// <summary>Refuses a model of another family.</summary>
    public static void RequireFamily(LatentModel? from, string family)
    {
        if (from is not null && from.Family != family)
        {
            throw WrongFamily(from, family);
        }
    }

    /// <summary>Refuses a model of another shape.</summary>
    /// <param name="from">The model, or null.</param>
    /// <param name="option">The setting that says the shape.</param>
    /// <param name="known">The model's value.</param>
    /// <param name="asked">The fit's.</param>
    public static void RequireSame(LatentModel? from, string option, object? known, object? asked)
    {
        string Text(object? value) => value is null ? "none" : SettingType.Text(value);
        if (from is not null && Text(known) != Text(asked))
        {
            throw new BadOptionException(
                option,
                $"'{option}' is {Text(asked)}, and the model to start from has {Text(known)}: give that, or start without a model.");
        }
    }

    /// <summary>Refuses an option that says where a fit starts, beside a model that it starts from.</summary>
    public static void RequireAlone(LatentModel? from, string option, bool isGiven) => BadOptionException.ThrowUnless(
        from is null || !isGiven,
        option,
        $"'{option}' says where a fit starts, and so does the model to start from; leave one of the two out.");

    /// <summary>Refuses several starts beside a given one.</summary>
    public static void RequireOneStart(LatentModel? from, int restarts) => BadOptionException.ThrowUnless(
        from is null || restarts == 1, SettingNames.Restarts,
        $"With a given start there is one fit, not {restarts} restarts; leave the restarts out, or the start.");

    /// <summary>Refuses a scaling that is asked for and is not the model's, which the fit keeps.</summary>
    /// <param name="from">The model, or null.</param>
    /// <param name="asked">What is asked for, or null.</param>
    /// <param name="standard">What options say where nothing is asked for, which gives way; null where they then say nothing.</param>
    public static void RequireScaling(LatentModel? from, ScalingKind? asked, ScalingKind? standard = null)
    {
        if (from is not null && asked is { } kind && kind != standard && kind != from.Scaling.Kind)
        {
            throw new BadOptionException(
                SettingNames.Scale,
                $"The model to start from scales its columns by {ScalingWords.Of(from.Scaling.Kind)}, and the fit keeps that; leave the "
                    + $"scaling {ScalingWords.Of(kind)} out, or start without a model.");
        }
    }

    /// <summary>
    /// Refuses a model of other columns. Names count where both sides have names of their own, not one and the same word with a
    /// number; and names in another order are refused whatever they are.
    /// </summary>
    /// <exception cref="BadDataException">The message names what differs.</exception>
    public static void RequireColumns(LatentModel? from, IRowSource rows)
    {
        if (from is null)
        {
            return;
        }

        IReadOnlyList<string> known = from.ColumnNames, names = rows.ColumnNames;
        if (known.Count != names.Count)
        {
            throw new BadDataException(
                $"The model to start from has {known.Count} columns ({Shown(known)}), the rows have {names.Count} ({Shown(names)}); "
                    + "choose the model's columns.");
        }

        int at = Enumerable.Range(0, known.Count).FirstOrDefault(d => known[d] != names[d], -1);
        if (at >= 0 && ((HaveOwn(known) && HaveOwn(names)) || known.ToHashSet(StringComparer.Ordinal).SetEquals(names)))
        {
            throw new BadDataException(
                $"Column {at + 1} of the model to start from is '{known[at]}', that of the rows '{names[at]}'; choose the model's columns "
                    + $"in its order ({Shown(known)}).",
                column: names[at]);
        }
    }

    /// <summary>
    /// The scaling of the model to start from, with the columns that are constant in these rows; without a model the rows' own.
    /// </summary>
    /// <param name="from">The model, or null.</param>
    /// <param name="kind">The scaling without a model.</param>
    /// <param name="fit">Finds the scaling of a kind for the rows.</param>
    public static Scaling Scaling(LatentModel? from, ScalingKind kind, Func<ScalingKind, Scaling> fit)
    {
        Scaling own = fit(from?.Scaling.Kind ?? kind);
        return from?.Scaling is { } known ? new Scaling(known.Kind, known.Offset, known.Factor, own.ConstantColumns) : own;
    }

    /// <summary>Tells fits from one model from those from another, in checkpoints and studies; empty without a model.</summary>
    public static string Mark(LatentModel? from) =>
        from is null ? "" : $" from {Digest(from)}";

    /// <summary>The beginning of the SHA-256 of a model's file.</summary>
    public static string Digest(LatentModel model) =>
        Convert.ToHexStringLower(SHA256.HashData(ModelFile.ToBytes(model.ToRecord())).AsSpan(0, 8));

    private static BadOptionException WrongFamily(LatentModel model, string family) => new(
        SettingNames.From, $"A fit of {family} cannot start from a model of {model.Family}; give one of the same family, or leave it out.");

    /// <summary>Whether names are more than a word with the column's number.</summary>
    private static bool HaveOwn(IReadOnlyList<string> names)
    {
        string word = names[0].EndsWith('0') ? names[0][..^1] : "";
        return Enumerable.Range(0, names.Count).Any(d => names[d] != FormattableString.Invariant($"{word}{d}"));
    }

    private static string Shown(IReadOnlyList<string> names) =>
        names.Count <= 4 ? string.Join(", ", names) : $"{names[0]}, {names[1]}, ..., {names[^1]}";
}
