using System.CommandLine;

namespace EntropyElbo.Cli.Commands;

/// <summary>A command that takes the settings of families.</summary>
internal sealed class CommandWithSettings(string name, string description, SettingOptions settings) : Command(name, description)
{
    /// <summary>Its options for settings.</summary>
    public SettingOptions Settings { get; } = settings;
}
