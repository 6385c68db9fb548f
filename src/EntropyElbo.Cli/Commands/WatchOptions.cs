using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Streaming;

namespace EntropyElbo.Cli.Commands;

/// <summary>The command line of <c>watch</c>.</summary>
internal sealed class WatchOptions
{
    private readonly Option<string?> _model = OptionParsers.Text(
        "--model", "M", $"The model to learn: {ProbabilisticPcaFamily.Name} (every number of latents at once), {FactorAnalysisFamily.Name} or "
            + $"{MixtureSpecification.Prefix}gaussian-full, -tied, -diagonal or -spherical. Default: {ProbabilisticPcaFamily.Name}.");

    private readonly Option<double?> _window = OptionParsers.Real(
        "--window", "N", $"Rows that the memory amounts to: older rows fade. Default: {StreamOptions.DefaultMemory}.");

    private readonly Option<int?> _every = OptionParsers.Whole<int>("--every", "K", "Rows between two lines. Default: a tenth of the window.");

    private readonly Option<int?> _latents = OptionParsers.Whole<int>(
        "--latents", "H", $"Latents of {FactorAnalysisFamily.Name}, which needs them; of {ProbabilisticPcaFamily.Name} the most that are compared.");

    private readonly Option<int?> _components = OptionParsers.Whole<int>("--components", "K", "Components of a mixture, which needs them.");

    private readonly Option<double?> _alarm = OptionParsers.Real(
        "--alarm", "T", $"Sum of deviations that is a change. Lower is quicker, and wrong more often. Default: {StreamOptions.DefaultAlarmThreshold}.");

    private readonly Option<ulong?> _seed = SharedOptions.Seed();
    private readonly ReadingOptions _reading = new(takesQueries: false);

    public Argument<string> Data { get; } = new("DATA")
    {
        Description = "Rows of CSV or TSV (delimiter and header are detected), gzipped or not: - for standard input, which may go on for ever.",
    };

    public Option<string?> State { get; } = OptionParsers.Text(
        "--state", "FILE", "Go on from the state in FILE where it exists, and write it there at the end, also when interrupted.");

    public Option<bool> Json { get; } = OptionParsers.Switch("--json", "Print one JSON object a line.");

    /// <summary>Makes the command with everything.</summary>
    public Command Create(string name, string description)
    {
        Command command = new(name, description)
        {
            Data, _model, _window, _every, _latents, _components, _alarm, _seed, State, Json,
        };
        _reading.AddTo(command);
        return command;
    }

    /// <summary>How to read the rows; those that a state was learnt from are found by name, else by position.</summary>
    public CsvOptions Reading(ParseResult parsed, IReadOnlyList<string>? names)
    {
        CsvOptions options = _reading.Csv(parsed);
        if (options.Weight is not null)
        {
            throw RowWeights.Refused("A stream", "leave the weights out, or fit a model to a file");
        }

        return names is null ? options : options with { Columns = options.Columns ?? ColumnSelection.OfNamesElse(names) };
    }

    public MissingValues Missing(ParseResult parsed) => _reading.Missing(parsed);

    /// <summary>Rows between two lines, where that is known before the learner is made.</summary>
    public int? Every(ParseResult parsed) => parsed.GetValue(_every);

    /// <summary>A learner without rows.</summary>
    public StreamLearner Learner(ParseResult parsed, int columns)
    {
        string model = parsed.GetValue(_model) ?? ProbabilisticPcaFamily.Name;
        switch (model)
        {
            case ProbabilisticPcaFamily.Name:
                Refuse(parsed, _components, model);
                return new StreamingPca(columns, Shared(parsed, new StreamingPcaOptions { MaxLatents = parsed.GetValue(_latents) ?? 0 }));
            case FactorAnalysisFamily.Name:
                Refuse(parsed, _components, model);
                return new StreamingFactorAnalysis(
                    columns, Shared(parsed, new StreamingFactorAnalysisOptions { Latents = Needed(parsed, _latents, model) }));
            case not null when model.StartsWith(MixtureSpecification.Prefix, StringComparison.Ordinal):
                Refuse(parsed, _latents, model);
                return new StreamingMixture(columns, Shared(parsed, new StreamingMixtureOptions
                {
                    Components = model[MixtureSpecification.Prefix.Length..],
                    Count = Needed(parsed, _components, model),
                    Seed = parsed.GetValue(_seed) ?? 1,
                }));
            default:
                throw new BadOptionException(
                    "model", $"A stream cannot be learnt by '{model}'; take {ProbabilisticPcaFamily.Name}, {FactorAnalysisFamily.Name} or a mixture of Gaussians such as {MixtureSpecification.Prefix}gaussian-full.");
        }
    }

    /// <summary>What is said on the command line must be what the state was begun with.</summary>
    public void RequireSame(ParseResult parsed, StreamLearner learner)
    {
        StreamOptions options = learner switch
        {
            StreamingPca pca => pca.Options,
            StreamingFactorAnalysis analysis => analysis.Options,
            StreamingMixture mixture => mixture.Options,
            _ => throw new InvalidOperationException($"Unknown learner {learner.GetType().Name}."),
        };
        Same("model", parsed.GetValue(_model), learner.Family);
        Same("window", parsed.GetValue(_window), options.Memory);
        Same("every", parsed.GetValue(_every), (int)Math.Min(int.MaxValue, learner.ReadingRows));
        Same("alarm", parsed.GetValue(_alarm), options.AlarmThreshold);
        Same("latents", parsed.GetValue(_latents), learner switch
        {
            StreamingPca pca => pca.Options.MaxLatents,
            StreamingFactorAnalysis analysis => analysis.Options.Latents,
            _ => null,
        });
        Same("components", parsed.GetValue(_components), (learner as StreamingMixture)?.Options.Count);
        Same("seed", parsed.GetValue(_seed), (learner as StreamingMixture)?.Options.Seed);
    }

    private T Shared<T>(ParseResult parsed, T options)
        where T : StreamOptions
    {
        if (parsed.GetValue(_every) is { } every and < 1)
        {
            throw new BadOptionException("every", $"A line every {every} rows; it must be 1 or more.");
        }

        double window = parsed.GetValue(_window) ?? options.Memory;
        double alarm = parsed.GetValue(_alarm) ?? options.AlarmThreshold;
        BadOptionException.ThrowUnless(window is >= 2 and <= 1e12, "window", $"The window is {window} rows; it must be 2 to 1e12.");
        BadOptionException.ThrowUnless(alarm > 0 && double.IsFinite(alarm), "alarm", $"The alarm's threshold is {alarm}; it must be above 0.");
        return options with { Memory = window, ReadingRows = parsed.GetValue(_every) ?? 0, AlarmThreshold = alarm };
    }

    private static int Needed(ParseResult parsed, Option<int?> option, string model) => parsed.GetValue(option)
        ?? throw new BadOptionException(option.Name.TrimStart('-'), $"{model} needs {option.Name}.");

    private static void Refuse<T>(ParseResult parsed, Option<T> option, string model)
    {
        if (OptionParsers.Given(parsed.CommandResult, option))
        {
            throw new BadOptionException(option.Name.TrimStart('-'), $"{model} takes no {option.Name}; leave it out.");
        }
    }

    private static void Same<T>(string option, T? given, T? kept)
    {
        if (given is not null && !given.Equals(kept))
        {
            throw new BadOptionException(
                option, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The state was begun with {(object?)kept ?? "none"}, not with {given}; leave the option out, or name another --state."));
        }
    }
}
