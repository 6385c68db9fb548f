using EntropyElbo.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

/// <summary>Brute force: a file with any byte changed, cut at any length or lengthened is refused.</summary>
[TestClass]
public sealed class ModelFileDamageTests
{
    private static readonly byte[] Sound = ModelFile.ToBytes(SampleRecords.Small());

    [TestMethod]
    [DataRow(0x01)]
    [DataRow(0x02)]
    [DataRow(0x04)]
    [DataRow(0x08)]
    [DataRow(0x10)]
    [DataRow(0x20)] // The other case of a letter.
    [DataRow(0x40)]
    [DataRow(0x80)]
    [DataRow(0xFF)]
    public void AnyByteFlippedIsRefused(int mask)
    {
        for (int i = 0; i < Sound.Length; i++)
        {
            byte[] damaged = [.. Sound];
            damaged[i] ^= (byte)mask;
            AssertRefused(damaged, $"byte {i} xor {mask}");
        }
    }

    [TestMethod]
    [DataRow((byte)0)]
    [DataRow((byte)' ')]
    [DataRow((byte)'0')]
    [DataRow((byte)'"')]
    [DataRow((byte)'\\')]
    [DataRow((byte)'}')]
    public void AnyByteReplacedIsRefused(byte value)
    {
        for (int i = 0; i < Sound.Length; i++)
        {
            if (Sound[i] != value)
            {
                byte[] damaged = [.. Sound];
                damaged[i] = value;
                AssertRefused(damaged, $"byte {i} set to {value}");
            }
        }
    }

    [TestMethod]
    public void AnyByteInsertedOrRemovedIsRefused()
    {
        for (int i = 0; i < Sound.Length; i++)
        {
            AssertRefused([.. Sound[..i], .. Sound[(i + 1)..]], $"byte {i} removed");
            AssertRefused([.. Sound[..i], (byte)' ', .. Sound[i..]], $"byte inserted at {i}");
        }
    }

    [TestMethod]
    public void CutAtAnyLengthIsRefused()
    {
        for (int length = 0; length < Sound.Length; length++)
        {
            ModelFileException error = AssertRefused(Sound[..length], $"cut to {length}");
            StringAssert.Contains(error.Message, "cut short");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(8)]
    [DataRow(4096)]
    public void AppendedBytesAreRefused(int count) => AssertRefused([.. Sound, .. new byte[count]], $"{count} bytes appended");

    [TestMethod]
    public void AnotherFileOfTheSameLengthIsRefusedUnderThisChecksum()
    {
        byte[] other = ModelFile.ToBytes(SampleRecords.Small().Set("note", "größe \"quoted\" \ud83d\ude01\n"));
        Assert.HasCount(Sound.Length, other);
        int at = System.Text.Encoding.Latin1.GetString(Sound).IndexOf("\"sha256\":\"", StringComparison.Ordinal) + 10;
        Sound.AsSpan(at, 64).CopyTo(other.AsSpan(at));
        StringAssert.Contains(SampleRecords.Refused(other).Message, "checksum");
    }

    [TestMethod]
    public void UppercaseDigitsOfTheRightChecksumAreRefused()
    {
        string text = System.Text.Encoding.Latin1.GetString(Sound);
        int at = text.IndexOf("\"sha256\":\"", StringComparison.Ordinal) + 10;
        string upper = text[..at] + text.Substring(at, 64).ToUpperInvariant() + text[(at + 64)..];
        Assert.AreNotEqual(text, upper);
        SampleRecords.Refused(System.Text.Encoding.Latin1.GetBytes(upper));
    }

    [TestMethod]
    public void AnyCharacterOfTheTextChangedOrLostIsRefused()
    {
        string text = ModelFile.ToText(SampleRecords.Small());
        for (int i = 0; i < text.Length; i++)
        {
            foreach (char other in "Aa+/=9 \u00e9")
            {
                if (text[i] != other)
                {
                    AssertTextRefused(text[..i] + other + text[(i + 1)..], $"character {i} set to '{other}'");
                }
            }

            AssertTextRefused(text[..i], $"cut to {i}");
            AssertTextRefused(text[..i] + text[(i + 1)..], $"character {i} removed");
        }
    }

    [TestMethod]
    public void SpareBitsOfTheLastGroupOfTheTextAreChecked()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        HashSet<int> remainders = [];
        for (int length = 1; length <= 6; length++)
        {
            string text = ModelFile.ToText(new ModelRecord("f", 1).Add(ModelTensor.Of("x", new float[length])));
            int last = text.TrimEnd('=').Length - 1;
            remainders.Add(text.Length - 1 - last);
            foreach (char other in Alphabet.Where(c => c != text[last]))
            {
                AssertTextRefused(text[..last] + other + text[(last + 1)..], $"last character set to '{other}'");
            }
        }

        Assert.HasCount(3, remainders, "not every kind of last group was tried");
    }

    private static ModelFileException AssertRefused(byte[] bytes, string what)
    {
        try
        {
            ModelFile.FromBytes(bytes, SampleRecords.Name);
        }
        catch (ModelFileException error)
        {
            return error;
        }

        throw new AssertFailedException($"Read without an error: {what}.");
    }

    private static void AssertTextRefused(string text, string what)
    {
        try
        {
            ModelFile.FromText(text, SampleRecords.Name);
        }
        catch (ModelFileException)
        {
            return;
        }

        Assert.Fail($"Read without an error: {what}.");
    }
}
