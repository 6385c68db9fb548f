namespace EntropyElbo.Tests.Cli;

/// <summary><c>fit --from MODEL</c>.</summary>
[TestClass]
public sealed class FromModelTests
{
    [TestMethod]
    public void AFit_GoesOnFromASavedModel_WithMoreLatentsOrFewer()
    {
        using CliFolder folder = new();
        string first = folder["first.eelbo"];
        double one = Elbo(["--latents", "1", "--epochs", "40", "--out", first]);
        double two = Elbo(["--latents", "2", "--epochs", "40"]);
        Assert.AreEqual(one, Elbo(["--latents", "1", "--epochs", "1", "--from", first]), 0.01);
        Assert.IsLessThan(one - 0.05, Elbo(["--latents", "1", "--epochs", "1"]), "without it one iteration is not enough");
        Assert.IsGreaterThan(one, Elbo(["--latents", "2", "--epochs", "40", "--from", first]));
        Assert.IsGreaterThan(one, two);

        double Elbo(string[] more)
        {
            CliRun run = CliRun.Of(["fit", folder.Data, "--model", "sparse-coding", "--json", .. more]);
            Assert.AreEqual(0, run.Status, run.Error);
            return run.Json.GetProperty("elbo").GetDouble();
        }
    }

    [TestMethod]
    public void WhatCannotBeStartedFrom_IsRefused()
    {
        using CliFolder folder = new();
        string vae = folder.FitModel();
        Refused(["--model", "sparse-coding", "--from", vae], "--from: A fit of sparse-coding cannot start from a model of vae-1");
        Refused(["--model", "ppca", "--from", vae], "--from: The model ppca cannot start from a saved one");
        Refused(["--model", "sparse-coding", "--from", folder["none.eelbo"]], "none.eelbo");

        void Refused(string[] more, string message)
        {
            CliRun run = CliRun.Of(["fit", folder.Data, "--latents", "1", .. more]);
            Assert.AreEqual(1, run.Status);
            StringAssert.Contains(run.Error, message);
        }
    }
}
