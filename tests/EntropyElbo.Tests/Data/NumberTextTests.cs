using System.Globalization;
using System.Text;
using EntropyElbo.Data.Csv;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class NumberTextTests
{
    /// <summary>The framework's parser is the oracle: it rounds correctly.</summary>
    [TestMethod]
    public void Random_numbers_in_many_formats_round_as_the_framework_rounds()
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        string[] formats = ["R", "E16", "E5", "F3", "F20", "G9", "G17", "0.######e0", "0.0"];
        for (int i = 0; i < 200_000; i++)
        {
            double value = i % 2 == 0
                ? BitConverter.UInt64BitsToDouble(random.NextBits())
                : (random.NextUniform() - 0.5) * Math.Pow(10, random.NextInt(25) - 12);
            if (double.IsFinite(value))
            {
                AssertAsFramework(value.ToString(formats[i % formats.Length], CultureInfo.InvariantCulture));
            }
        }
    }

    [TestMethod]
    public void Random_digits_points_and_exponents_round_as_the_framework_rounds()
    {
        RandomStream random = new(2, RandomPurpose.Generation);
        for (int i = 0; i < 200_000; i++)
        {
            StringBuilder text = new();
            text.Append(random.NextInt(3) switch { 0 => "-", 1 => "+", _ => string.Empty });
            int digits = 1 + random.NextInt(22);
            int point = random.NextInt(digits + 2);
            for (int d = 0; d < digits; d++)
            {
                text.Append(d == point ? "." : string.Empty).Append((char)('0' + random.NextInt(10)));
            }

            if (random.NextInt(2) == 0)
            {
                text.Append(random.NextInt(2) == 0 ? 'e' : 'E').Append(random.NextInt(70) - 35);
            }

            AssertAsFramework(text.ToString());
        }
    }

    [TestMethod]
    [DataRow("9007199254740992")]
    [DataRow("9007199254740993")]
    [DataRow("9007199254740993e-22")]
    [DataRow("1e22")]
    [DataRow("1e23")]
    [DataRow("-0")]
    [DataRow("-0.0e5")]
    [DataRow("5.")]
    [DataRow(".5")]
    [DataRow("1e400")]
    [DataRow("-1e-400")]
    [DataRow("1e9999")]
    [DataRow("1e99999")]
    [DataRow("00000000000000000000000001")]
    [DataRow("0.1")]
    [DataRow("2.2250738585072011e-308")]
    [DataRow("179769313486231580793728971405301e276")]
    public void Edges_round_as_the_framework_rounds(string text) => AssertAsFramework(text);

    [TestMethod]
    [DataRow("")]
    [DataRow("  ")]
    [DataRow("NA")]
    [DataRow("na")]
    [DataRow("NaN")]
    [DataRow("nan")]
    [DataRow("?")]
    public void Missing_values_are_NaN(string text)
    {
        Assert.IsTrue(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value));
        Assert.IsTrue(double.IsNaN(value));
    }

    [TestMethod]
    [DataRow("inf", double.PositiveInfinity)]
    [DataRow("-inf", double.NegativeInfinity)]
    [DataRow("+Infinity", double.PositiveInfinity)]
    [DataRow("  12 ", 12d)]
    public void Infinities_and_padding(string text, double expected)
    {
        Assert.IsTrue(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double value));
        Assert.AreEqual(expected, value);
    }

    [TestMethod]
    [DataRow("abc")]
    [DataRow("1,5")]
    [DataRow("1 2")]
    [DataRow("1.2.3")]
    [DataRow("e5")]
    [DataRow("1e")]
    [DataRow("1e+")]
    [DataRow(".")]
    [DataRow("-")]
    [DataRow("--1")]
    [DataRow("0x10")]
    [DataRow("1\0")]
    [DataRow("12_000")]
    [DataRow("$5")]
    [DataRow("(5)")]
    [DataRow("true")]
    [DataRow("5%")]
    public void Text_is_not_a_number(string text) =>
        Assert.IsFalse(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [TestMethod]
    public void Shown_text_is_short_and_printable()
    {
        Assert.AreEqual("'setosa'", NumberText.Show("setosa"u8));
        Assert.AreEqual("'a?b'", NumberText.Show("a\u0007b"u8));
        Assert.AreEqual($"'{new string('x', 30)}...'", NumberText.Show(Encoding.UTF8.GetBytes(new string('x', 100_000))));
    }

    private static void AssertAsFramework(string text)
    {
        double expected = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.IsTrue(NumberText.TryParse(Encoding.UTF8.GetBytes(text), out double actual), text);
        Assert.AreEqual(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(actual), text);
    }
}
