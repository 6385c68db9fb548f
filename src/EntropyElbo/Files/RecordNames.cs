using System.Text;

namespace EntropyElbo.Files;

/// <summary>The names that a model file keeps for itself, and the check of those that callers choose.</summary>
internal static class RecordNames
{
    public const string Metadata = "__metadata__";
    public const string Format = "format";
    public const string FormatValue = "eelbo";
    public const string FormatVersion = "formatVersion";
    public const string Family = "family";
    public const string FamilyVersion = "familyVersion";
    public const string LibraryVersion = "libraryVersion";
    public const string Checksum = "sha256";

    /// <summary>Hexadecimal digits of the checksum.</summary>
    public const int ChecksumDigits = 64;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static bool IsReserved(string key) =>
        key is Format or FormatVersion or Family or FamilyVersion or LibraryVersion or Checksum;

    public static void CheckTensor(string name)
    {
        CheckText(name, nameof(name));
        if (name == Metadata)
        {
            throw new ArgumentException($"'{Metadata}' cannot name a tensor: the safetensors layout keeps it.", nameof(name));
        }
    }

    public static void CheckKey(string key)
    {
        CheckText(key, nameof(key));
        if (IsReserved(key))
        {
            throw new ArgumentException($"The key '{key}' is kept for the model file itself; choose another.", nameof(key));
        }
    }

    /// <summary>Refuses the empty and what UTF-8 cannot carry (a lone surrogate).</summary>
    public static void CheckText(string text, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        try
        {
            _ = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new ArgumentException("The name is not well-formed Unicode.", parameter, error);
        }
    }
}
