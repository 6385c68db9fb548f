using System.Reflection;
using Microsoft.ML;

namespace MLNet.EntropyElbo.Tests;

internal static class Cancellation
{
    /// <summary>What Microsoft.ML.AutoML does to a trial's context when its time is up; ML.NET keeps it to its own assemblies.</summary>
    public static void CancelExecution(this MLContext ml) =>
        typeof(MLContext).GetMethod(nameof(CancelExecution), BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(ml, null);
}
