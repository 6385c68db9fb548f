namespace EntropyElbo.Tests.Cli;

/// <summary><c>--stream</c>.</summary>
[TestClass]
public sealed class StreamOptionTests
{
    [TestMethod]
    public void Mixtures_AreTheSame()
    {
        using CliFolder folder = new();
        byte[] kept = Fit(folder, "--model", "mixture:gaussian-diagonal", "--components", "2"), streamed = Fit(
            folder, "--model", "mixture:gaussian-diagonal", "--components", "2", "--stream");
        CollectionAssert.AreEqual(kept, streamed);
    }

    /// <summary>A network's rows come through a buffer that shuffles them another way, which shows that the option arrives.</summary>
    [TestMethod]
    public void Networks_SeeTheRowsInAnotherOrder()
    {
        using CliFolder folder = new();
        string[] network = ["--model", "vae-1", "--latents", "1", "--epochs", "2", "--batch", "8"];
        byte[] kept = Fit(folder, network);
        CollectionAssert.AreEqual(kept, Fit(folder, network));
        CollectionAssert.AreNotEqual(kept, Fit(folder, [.. network, "--stream"]));
    }

    [TestMethod]
    public void ASelection_TakesIt()
    {
        using CliFolder folder = new();
        string[] select = ["select", folder.Data, "--model", "ppca,mixture:gaussian-diagonal", "--latents", "1", "--components", "1,2", "--json"];
        CliRun kept = CliRun.Of(select), streamed = CliRun.Of([.. select, "--stream"]);
        Assert.AreEqual(0, streamed.Status, streamed.Error);
        Assert.AreEqual(Scores(kept), Scores(streamed));

        static string Scores(CliRun run) =>
            string.Join(' ', run.Json.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("score").GetRawText()));
    }

    [TestMethod]
    public void StandardInput_IsRefused()
    {
        foreach (string command in new[] { "fit", "select" })
        {
            CliRun run = CliRun.Of(command, "-", "--model", "ppca", "--latents", "1", "--stream");
            Assert.AreEqual(1, run.Status);
            StringAssert.StartsWith(run.Error, "entropy-elbo: --stream: Standard input can be read only once");
        }
    }

    private static byte[] Fit(CliFolder folder, params string[] options)
    {
        string model = folder["m.eelbo"];
        CliRun run = CliRun.Of(["fit", folder.Data, .. options, "--out", model]);
        Assert.AreEqual(0, run.Status, run.Error);
        return File.ReadAllBytes(model);
    }
}
