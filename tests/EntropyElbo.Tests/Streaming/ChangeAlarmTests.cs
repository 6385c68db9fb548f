using EntropyElbo.Streaming;

namespace EntropyElbo.Tests.Streaming;

/// <summary>Page's test by hand: every difference of 1.5 adds 1 to its sum, whose threshold is 10 here.</summary>
[TestClass]
public sealed class ChangeAlarmTests
{
    [TestMethod]
    [DataRow(1.5, 11)]
    [DataRow(-1.5, 11)]
    [DataRow(-1000, 3, DisplayName = "an outlier counts for four deviations, less the slack of a half")]
    [DataRow(0.5, 0, DisplayName = "drift within the slack is none")]
    public void AnAlarmComesAsSoonAsTheSumIsAboveTheThreshold(double difference, int expected)
    {
        ChangeAlarm alarm = new(threshold: 10, quiet: 0);
        Assert.AreEqual(expected, First(alarm, difference));
    }

    [TestMethod]
    public void AfterAnAlarmTheRowsOfTheQuietTimeCountForNothing()
    {
        ChangeAlarm alarm = new(threshold: 10, quiet: 6);
        Assert.AreEqual(11, First(alarm, 1.5));
        Assert.AreEqual(3 + 11, First(alarm, 1.5), "three times two rows, then the sum begins at 0");
    }

    /// <summary>The place, from 1, of the first alarm among 100 equal differences of two rows each; 0 for none.</summary>
    private static int First(ChangeAlarm alarm, double difference)
    {
        for (int i = 1; i <= 100; i++)
        {
            if (alarm.Add(difference, rows: 2))
            {
                return i;
            }
        }

        return 0;
    }
}
