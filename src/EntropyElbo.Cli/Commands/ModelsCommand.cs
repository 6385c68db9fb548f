using System.CommandLine;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;
using EntropyElbo.Cli.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Commands;

/// <summary><c>models</c>: the families, each with its settings.</summary>
internal sealed class ModelsCommand
{
    private const int Width = 160;

    private readonly Argument<string?> _model = new("NAME")
    {
        Description = "The model to tell of, by its name as in --model; all where it is left out. What is in a file says 'explain'.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _json = OptionParsers.Switch("--json", "Print the models as one JSON object.");

    public static Command Create(ToolHost host)
    {
        ModelsCommand command = new();
        Command result = new("models", "List the models with their settings, ranges and defaults.") { command._model, command._json };
        result.SetAction(parsed => command.Run(parsed, host));
        return result;
    }

    private int Run(ParseResult parsed, ToolHost host)
    {
        IReadOnlyList<ModelFamily> families = parsed.GetValue(_model) is { } name ? [Find(name)] : ModelFamilies.All;
        if (parsed.GetValue(_json))
        {
            ModelsJson.Write(host.Out, families);
            return ExitStatus.Success;
        }

        foreach (IGrouping<string, ModelFamily> kind in families.GroupBy(f => f.Kind))
        {
            Write(host.Out, kind.Key, [.. kind]);
        }

        return ExitStatus.Success;
    }

    /// <summary>A file is what 'explain' is for.</summary>
    private static ModelFamily Find(string name) => !File.Exists(name)
        ? ModelFamilies.Find(name)
        : throw new BadOptionException("model", $"{name} is a file; 'entropy-elbo explain {name}' tells what is in it.");

    /// <summary>Families with the same options: their names, then the settings of all of them, each once.</summary>
    private static void Write(ShownWriter output, string kind, IReadOnlyList<ModelFamily> families)
    {
        output.WriteLine(kind);
        TwoColumns.Write(output, Width, "  ", families.Select(f => (f.Name, f.Summary)));
        SharedSetting[] settings = [.. families.SelectMany(f => f.Settings).DistinctBy(s => s.Name)
            .Select(s => new SharedSetting(s, [.. families.Where(f => f.Find(s.Name) is not null)]))];
        TwoColumns.Write(output, Width, "    ", settings.Select(s => (s.Usage, Text(s, families))));
        output.WriteLine();
    }

    private static string Text(SharedSetting shared, IReadOnlyList<ModelFamily> families)
    {
        Setting setting = shared.Setting;
        string range = setting.Choices.Count == 1 ? $" Only {setting.Range}."
            : setting.Choices.Count > 1 || setting.Range.Length == 0 ? ""
            : $" {char.ToUpperInvariant(setting.Range[0])}{setting.Range[1..]}.";
        string needs = setting.Needs is { } needed ? $" With {needed}{(setting.NeededValue is { } value ? $" {value}" : "")} only." : "";
        string owners = Usages.Owners(shared, families);
        return setting.Help + range + needs + Defaults(shared) + (owners.Length == 0 ? "" : $" [{owners}]");
    }

    private static string Defaults(SharedSetting shared)
    {
        if (shared.Setting.IsRequired)
        {
            return " Must be given.";
        }

        IGrouping<string, string>[] defaults = [.. shared.Families
            .Select(f => (f.Name, Value: f.Find(shared.Setting.Name)!.Default))
            .Where(d => d.Value is not null)
            .GroupBy(d => d.Value!, d => d.Name)];
        return defaults.Length switch
        {
            0 => "",
            1 => $" Default: {defaults[0].Key}.",
            _ => $" Default: {string.Join("; ", defaults.Select(d => $"{d.Key} ({string.Join(", ", d)})"))}.",
        };
    }
}
