namespace EntropyElbo.Tests;

[TestClass]
public sealed class ErrorsTests
{
    [TestMethod]
    public void AConditionThatHolds_PutsNoMessageTogether()
    {
        int asked = 0;
        BadOptionException.ThrowUnless(true, "size", $"The size is {Size()}; it must be 1.");
        Assert.AreEqual(0, asked);
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(
            () => BadOptionException.ThrowUnless(false, "size", $"The size is {Size()}; it must be 1."));
        Assert.AreEqual(1, asked);
        Assert.AreEqual("The size is 0.5; it must be 1.", error.Message);
        Assert.AreEqual("size", error.Option);

        double Size()
        {
            asked++;
            return 0.5;
        }
    }
}
