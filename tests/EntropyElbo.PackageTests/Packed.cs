namespace EntropyElbo.PackageTests;

/// <summary>The packages that the tests share.</summary>
[TestClass]
public sealed class Packed
{
    private static readonly Lazy<Feed> Lazy = new(() => new Feed());

    internal static Feed Feed => Lazy.Value;

    [AssemblyCleanup]
    public static void Remove()
    {
        if (Lazy.IsValueCreated)
        {
            Lazy.Value.Dispose();
        }
    }
}
