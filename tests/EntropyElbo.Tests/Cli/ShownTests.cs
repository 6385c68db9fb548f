using System.Text.Encodings.Web;
using System.Text.Json;
using EntropyElbo.Cli.Host;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>Text from outside, made fit to be looked at.</summary>
[TestClass]
public sealed class ShownTests
{
    [TestMethod]
    [DataRow("plain text, \u00E9\u4E2D\U0001F600 \u2212 5\u00A0%", "plain text, \u00E9\u4E2D\U0001F600 \u2212 5\u00A0%")]
    [DataRow("a\r\n\tb\n", "a b")]
    [DataRow("\u001b]0;title\u0007", @"\u001B]0;title\u0007")]
    [DataRow("\0\u007F\u009B2J", @"\u0000\u007F\u009B2J")]
    [DataRow("\u202Agpj.exe\u202C \u2066\u2069\u200E\u061C", @"\u202Agpj.exe\u202C \u2066\u2069\u200E\u061C")]
    [DataRow("a\u200B\u200C\u200D\u2060\uFEFF\u00AD\u034F\u3164\uFE0Fb", @"a\u200B\u200C\u200D\u2060\uFEFF\u00AD\u034F\u3164\uFE0Fb")]
    [DataRow("\u2028\u2029\uE000\U000E0041", @"\u2028\u2029\uE000\uDB40\uDC41")]
    public void WhatIsNotSeenIsShownByItsNumber(string text, string shown) => Assert.AreEqual(shown, Shown.Line(text));

    [TestMethod]
    public void HalvesOfCharactersAreShownAsUnknown() => Assert.AreEqual("a\uFFFDb", Shown.Line("a\uD800b"));

    [TestMethod]
    public void LinesStayLines()
    {
        Assert.AreEqual("a\nb\r\nc\\u000Dd\\u0009", Shown.Lines("a\nb\r\nc\rd\t"));
        using StringWriter inner = new() { NewLine = "\n" };
        using ShownWriter writer = new(inner);
        writer.WriteLine("one\u001b[0m");
        writer.WriteStyled("33", "two\u202E");
        writer.Write('\a');
        writer.WriteLine();
        Assert.AreEqual("one\\u001B[0m\n\u001b[33mtwo\\u202E\u001b[0m\\u0007\n", inner.ToString());
    }

    [TestMethod]
    public void JsonReadsItBack()
    {
        const string Name = "a\u202E\u200B\U000E0041\"b";
        string json = "\"" + JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Name) + "\"";
        Assert.AreEqual(Name, JsonSerializer.Deserialize<string>(Shown.Lines(json)));
    }
}
