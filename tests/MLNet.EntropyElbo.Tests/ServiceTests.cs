using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EncodingService;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>The service of examples/Service.</summary>
[TestClass]
public sealed class ServiceTests
{
    [TestMethod]
    public async Task EightClients_AndOneReload_NothingWrongAndNothingFailed()
    {
        LoadResult result = await LoadScene.RunAsync(clients: 8, encodes: 20_000, rowsPerRequest: 20, epochs: 1);
        Assert.IsGreaterThanOrEqualTo(20_000L, result.Encodes);
        Assert.AreEqual(0, result.Wrong);
        Assert.AreEqual(0, result.Failed);
        Assert.AreEqual(result.Encodes, result.ByOld + result.ByNew);
        Assert.IsGreaterThan(0L, result.ByOld);
        Assert.IsGreaterThan(0L, result.ByNew);
    }

    /// <summary>A single bit of a single code is found, and so is a service that goes away.</summary>
    [TestMethod]
    public async Task LoadTest_CountsWhatIsWrong_AndWhatFails()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView digits = ml.Data.Cache(ExampleModel.Digits(ml));
        EncodeAnswer old = LoadScene.Prepare(ml, digits, 1, 1, folder["m.zip"]), next = LoadScene.Prepare(ml, digits, 2, 1, folder["n.zip"]);
        old.Codes[0].Latent[3] = MathF.BitIncrement(old.Codes[0].Latent[3]);
        next.Codes[0].Score = MathF.BitIncrement(next.Codes[0].Score);
        float[][] rows = [.. digits.GetColumn<float[]>("Features").Take(20)];
        await using WebApplication app = ServiceApp.Create(folder["m.zip"], TimeSpan.FromMilliseconds(20), "--urls", "http://127.0.0.1:0");
        await app.StartAsync();
        Uri address = new(app.Urls.Single() + "/");
        LoadResult wrong = await new LoadTest(address, 2, 400, 10).RunAsync(rows, old, next, () => File.Move(folder["n.zip"], folder["m.zip"], overwrite: true));
        Assert.AreEqual(0, wrong.Failed);
        Assert.AreEqual(wrong.Requests / 2, wrong.Wrong / 10, "every other request has the row");
        await app.StopAsync();
        await Assert.ThrowsExactlyAsync<HttpRequestException>(() => new LoadTest(address, 2, 400, 10).RunAsync(rows, old, next, () => { }));
    }

    [TestMethod]
    public async Task BadRequests_AreAnsweredAsSuch_AndABadZipDoesNotTakeTheModelsPlace()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView digits = ml.Data.Cache(ExampleModel.Digits(ml));
        EncodeAnswer first = LoadScene.Prepare(ml, digits, 1, 1, folder["m.zip"]), second = LoadScene.Prepare(ml, digits, 2, 1, folder["n.zip"]);
        await using WebApplication app = ServiceApp.Create(folder["m.zip"], TimeSpan.FromMilliseconds(20), "--urls", "http://127.0.0.1:0");
        await app.StartAsync();
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };

        await RefusedAsync("{\"rows\":[[1,2]]}", "Row 0 has 2 values; the model takes 64.");
        await RefusedAsync("{\"rows\":[]}", "1 to 10000 rows; this one has 0");
        await RefusedAsync("{\"rows\":null}", "this one has 0");
        await RefusedAsync("{\"rows\":[null]}", "Row 0 has 0 values");
        await RefusedAsync("{\"rows\":[[", "Bad Request");
        EncodeAnswer answer = JsonSerializer.Deserialize(
            (await PostAsync(Body([.. Enumerable.Repeat("\"NaN\"", 64)])))!, ServiceJson.Default.EncodeAnswer)!;
        Assert.IsTrue(answer.Codes[0].Latent.All(float.IsNaN) && float.IsNaN(answer.Codes[0].Score));
        await ServesAsync(first, "Healthy");

        await File.WriteAllTextAsync(folder["bad"], "no zip");
        File.Move(folder["bad"], folder["m.zip"], overwrite: true);
        await ServesAsync(first, "Degraded");
        File.Move(folder["n.zip"], folder["m.zip"], overwrite: true);
        await ServesAsync(second, "Healthy");
        await app.StopAsync();

        static string Body(string[] values) => $"{{\"rows\":[[{string.Join(',', values)}]]}}";

        async Task<string?> PostAsync(string body, HttpStatusCode expected = HttpStatusCode.OK)
        {
            using StringContent content = new(body, Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await client.PostAsync(new Uri("/encode", UriKind.Relative), content);
            Assert.AreEqual(expected, response.StatusCode, body);
            return await response.Content.ReadAsStringAsync();
        }

        async Task RefusedAsync(string body, string message) =>
            StringAssert.Contains(await PostAsync(body, HttpStatusCode.BadRequest), message);

        // Waits for the service to have looked at the zip, as long as that takes.
        async Task ServesAsync(EncodeAnswer expected, string status)
        {
            Health health;
            do
            {
                await Task.Delay(5);
                health = JsonSerializer.Deserialize(await client.GetStringAsync(new Uri("/health", UriKind.Relative)), ServiceJson.Default.Health)!;
            }
            while (health.Status != status);
            Assert.AreEqual(expected.Model, health.Model);
            Assert.AreEqual(status == "Degraded", health.Problem is not null);
            string row = (await PostAsync(Body([.. digits.GetColumn<float[]>("Features").First().Select(v => v.ToString(CultureInfo.InvariantCulture))])))!;
            Assert.AreEqual(JsonSerializer.Serialize(new EncodeAnswer(expected.Model, expected.Codes[..1]), ServiceJson.Default.EncodeAnswer), row);
        }
    }
}
