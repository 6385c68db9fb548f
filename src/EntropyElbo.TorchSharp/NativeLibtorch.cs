using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Asks the loader for TorchSharp's native library before TorchSharp does. When it cannot be loaded TorchSharp suspects a missing
/// package, searches the package cache, copies what it finds there (hundreds of megabytes) into the app's folder, and reports all
/// that in several kilobytes; the loader knows the cause.
/// </summary>
internal static partial class NativeLibtorch
{
    private const string LibraryName = "LibTorchSharp";

    /// <summary>
    /// Why the native library cannot be loaded, in one line; null where it can be, or where only TorchSharp's own search can tell.
    /// </summary>
    /// <param name="owner">The assembly whose native library it is.</param>
    public static string? Problem(Assembly owner)
    {
        // Elsewhere the order in which TorchSharp loads its parts matters, and there is no version of a C++ library to miss.
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            NativeLibrary.Load(LibraryName, owner, null);
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return Explain(error.Message);
        }
    }

    /// <summary>The cause in what the loader says about each place where it looked.</summary>
    /// <param name="loaderMessage">The loader's message, a line a place.</param>
    internal static string Explain(string loaderMessage)
    {
        if (MissingSymbols().Match(loaderMessage) is { Success: true } symbols)
        {
            (string library, string version) = (Path.GetFileName(symbols.Groups["library"].Value), symbols.Groups["version"].Value);
            string remedy = version.StartsWith("GLIBC_", StringComparison.Ordinal)
                ? "a newer Linux"
                : "the libstdc++ of GCC 13 or newer (a Linux such as Debian 13 or Ubuntu 24.04 has it), or a package of TorchSharp built "
                    + "for an older one";
            return $"its native library needs {version}, which this system's {library} is too old to have. It takes {remedy}.";
        }

        if (MissingLibrary().Match(loaderMessage) is { Success: true } missing
            && !missing.Groups["library"].Value.Contains(LibraryName, StringComparison.Ordinal))
        {
            return $"its native library needs {missing.Groups["library"].Value}, which is not there. {TorchEngine.PackageRemedy}";
        }

        return $"its native library {LibraryName} is not part of the app or cannot be loaded. {TorchEngine.PackageRemedy}";
    }

    [GeneratedRegex(@"(?<library>\S+): version `(?<version>[A-Z]+_[0-9.]+)' not found")]
    private static partial Regex MissingSymbols();

    [GeneratedRegex(@"(?<library>[^\s/]+\.so[.0-9]*): cannot open shared object file")]
    private static partial Regex MissingLibrary();
}
