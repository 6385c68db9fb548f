using System.Diagnostics;
using EntropyElbo.Catalog;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.LoadCheck;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo.Tests;

/// <summary>
/// Zips of every family, alone and with trainers downstream, loaded in a process that never heard of the library but has
/// its assembly beside it: the outputs have the same bits.
/// </summary>
[TestClass]
public sealed class FreshProcessTests
{
    [TestMethod]
    public void EveryFamily_SameBitsInAFreshProcess()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Dictionary<string, string[]> expected = [];
        foreach (EstimatorContract contract in Contracts())
        {
            IDataView rows = Rows.View(ml, contract.SampleRows());
            LatentEstimator estimator = contract.Create(ml);
            Keep(contract.GetType().Name, estimator.Fit(rows), rows);
            Keep(contract.GetType().Name + "-kmeans", estimator.Append(ml.Clustering.Trainers.KMeans("Latent", numberOfClusters: 2)).Fit(rows), rows);
        }

        Run(folder.Path);
        foreach ((string name, string[] lines) in expected)
        {
            CollectionAssert.AreEqual(lines, File.ReadAllLines(folder[name + ".loaded"]), name);
        }

        Assert.IsGreaterThanOrEqualTo(8, expected.Count);

        void Keep(string name, ITransformer transformer, IDataView rows)
        {
            string file = name.Replace(':', '_');
            ml.Model.Save(transformer, rows.Schema, folder[file + ".zip"]);
            using FileStream stream = File.Create(folder[file + ".idv"]);
            ml.Data.SaveAsBinary(rows, stream);
            expected[file] = [.. Bits.Of(transformer.Transform(rows), rows.Schema)];
        }
    }

    [TestMethod]
    public void EveryFamilyOfTheCore_HasItsContract()
    {
        MLContext ml = new(1);
        string[] covered = [.. Contracts().Select(c => c.Create(ml).Family.Split(':')[0])];
        foreach (ModelFamily family in ModelFamilies.All)
        {
            CollectionAssert.Contains(covered, family.Name.Split(':')[0]);
        }
    }

    internal static IEnumerable<EstimatorContract> Contracts() => typeof(EstimatorContract).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(EstimatorContract)) && !type.IsAbstract)
        .Select(type => (EstimatorContract)Activator.CreateInstance(type)!);

    private static void Run(string folder)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "MLNet.EntropyElbo.LoadCheck.dll");
        ProcessStartInfo start = new("dotnet", [program, folder]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, error);
    }
}
