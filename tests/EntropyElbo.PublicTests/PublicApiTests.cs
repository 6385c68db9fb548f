using System.Reflection;
using EntropyElbo.DuckDB;
using EntropyElbo.Models;
using EntropyElbo.Onnx;
using EntropyElbo.Tests.Shared;
using EntropyElbo.TorchSharp;
using MLNet.EntropyElbo;
using PublicApiGenerator;

[assembly: DoNotParallelize]

namespace EntropyElbo.PublicTests;

/// <summary>
/// The public surface of the libraries is a decision: it lies in <c>Api/</c> as text, so a change of it is a diff. After a change on purpose, run the tests
/// with <c>ENTROPY_ELBO_ACCEPT_API=1</c> and look at what changed there.
/// </summary>
[TestClass]
public sealed class PublicApiTests
{
    public static IEnumerable<object[]> Libraries =>
    [
        [typeof(LatentModel).Assembly],
        [typeof(DuckDbRows).Assembly],
        [typeof(LatentVariablesCatalog).Assembly],
        [typeof(TorchEngine).Assembly],
        [typeof(LatentModelOnnx).Assembly],
    ];

    [TestMethod]
    [DynamicData(nameof(Libraries))]
    public void PublicApi_IsTheCheckedInText(Assembly library)
    {
        string name = library.GetName().Name!;
        string file = Path.Combine(Repository.Root, "tests", "EntropyElbo.PublicTests", "Api", $"{name}.txt");
        string now = library.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("ENTROPY_ELBO_ACCEPT_API") == "1")
        {
            File.WriteAllText(file, now);
        }

        string[] kept = File.ReadAllText(file).ReplaceLineEndings("\n").Split('\n'), own = now.Split('\n');
        string[] gone = [.. kept.Except(own).Take(20)], added = [.. own.Except(kept).Take(20)];
        Assert.IsTrue(kept.SequenceEqual(own), $"the public API of {name} changed:\n- {string.Join("\n- ", gone)}\n+ {string.Join("\n+ ", added)}");
    }

    /// <summary>No signature that users see names a type that they cannot.</summary>
    [TestMethod]
    [DynamicData(nameof(Libraries))]
    public void PublicMembers_NameNoInternalTypes(Assembly library)
    {
        foreach (Type type in library.GetExportedTypes())
        {
            foreach (MethodInfo method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            {
                Assert.IsTrue(method.ReturnType.IsVisible && method.GetParameters().All(p => p.ParameterType.IsVisible), $"{type}.{method.Name}");
            }
        }
    }
}
