using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Host;

namespace EntropyElbo.Cli.Commands;

/// <summary>Help that lists the settings of families apart from a command's other options, under the families that have them.</summary>
/// <param name="inner">Writes the rest.</param>
internal sealed class HelpWithSettings(HelpAction inner) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not CommandWithSettings command)
        {
            return inner.Invoke(parseResult);
        }

        foreach (Option option in command.Settings.Flags)
        {
            option.Hidden = true; // They come below; the process ends after its help.
        }

        int status = inner.Invoke(parseResult);
        Write(parseResult.InvocationConfiguration.Output, command.Settings.TakesLists);
        return status;
    }

    private void Write(TextWriter output, bool takesLists)
    {
        if (takesLists)
        {
            output.WriteLine("Several values of a setting to try are separated by commas.");
        }

        foreach (SettingGroup group in SettingGroup.All())
        {
            output.WriteLine($"Settings of {group.Title}:");
            TwoColumns.Write(output, inner.MaxWidth, "  ", group.Settings.Select(s => (s.Usage, Text(s, group))));
            output.WriteLine();
        }
    }

    private static string Text(SharedSetting setting, SettingGroup group)
    {
        bool isShared = setting.Families.Any(f => f.Kind != group.Title);
        string owners = Usages.Owners(setting, isShared ? ModelFamilies.All : [.. ModelFamilies.All.Where(f => f.Kind == group.Title)]);
        return owners.Length == 0 ? setting.Help : $"{setting.Help} [{owners}]";
    }
}
