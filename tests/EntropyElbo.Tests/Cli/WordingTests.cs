using EntropyElbo.Cli.Host;

namespace EntropyElbo.Tests.Cli;

[TestClass]
public sealed class WordingTests
{
    [TestMethod]
    [DataRow(0, "0 %")]
    [DataRow(1.05e-10, "0.000 %")]
    [DataRow(-1.05e-10, "0.000 %")]
    [DataRow(-7e-6, "-0.001 %")]
    [DataRow(1.234e-5, "0.00123 %")]
    [DataRow(0.01234, "1.23 %")]
    [DataRow(-0.5, "-50 %")]
    [DataRow(9.997, "1000 %")]
    [DataRow(123.456, "12346 %")]
    [DataRow(double.NaN, "undefined")]
    [DataRow(double.PositiveInfinity, "undefined")]
    public void Shares_HaveSensibleDigits(double share, string expected) => Assert.AreEqual(expected, Wording.Percent(share));
}
