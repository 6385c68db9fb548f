using Microsoft.ML.Runtime;

namespace MLNet.EntropyElbo.Training;

/// <summary>Plain text into a channel of <c>MLContext.Log</c>.</summary>
internal static class ChannelExtensions
{
    /// <summary>A line for information.</summary>
    public static void WriteInfo(this IChannel channel, string text) => channel.Info(MessageSensitivity.None, "{0}", text);

    /// <summary>A warning; it may name columns.</summary>
    public static void WriteWarning(this IChannel channel, string text) => channel.Warning(MessageSensitivity.Schema, "{0}", text);
}
