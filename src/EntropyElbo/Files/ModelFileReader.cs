using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace EntropyElbo.Files;

/// <summary>From the bytes of a model file to its record: length, checksum, version, then the contents.</summary>
internal static class ModelFileReader
{
    private const int PrefixLength = sizeof(long);
    private const string Damaged = "the file is damaged or cut short; restore it from a copy or save the model again.";

    /// <summary>Reads a record; its tensors keep slices of <paramref name="file"/>, which must not change afterwards.</summary>
    public static ModelRecord Read(ReadOnlyMemory<byte> file, string name)
    {
        try
        {
            int headerLength = HeaderLength(file.Span, file.Length, name);
            ReadOnlyMemory<byte> header = file.Slice(PrefixLength, headerLength);
            MetadataReader metadata = MetadataReader.Read(header.Span);
            RequireFormat(metadata, name);
            RequireChecksum(file.Span, metadata, name);
            RequireVersion(metadata, name);
            return Assemble(metadata, header.Span, file[(PrefixLength + headerLength)..], name);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw NotAHeader(name, error);
        }
    }

    /// <summary>
    /// The header's length from the first bytes of a file, checked against the file's length; nine bytes are enough
    /// to refuse nearly every file of another kind before the rest of it is read.
    /// </summary>
    public static int HeaderLength(ReadOnlySpan<byte> start, long fileLength, string name)
    {
        if (start.Length <= PrefixLength)
        {
            throw new ModelFileException(name, $"has {fileLength} bytes, too few for a model file; {Damaged}");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > ModelFile.MaxHeaderBytes || start[PrefixLength] != (byte)'{')
        {
            throw new ModelFileException(name, $"does not begin like a model file; either it is another kind of file, or {Damaged}");
        }

        if ((long)length > fileLength - PrefixLength)
        {
            throw new ModelFileException(
                name, $"ends within its header, after {fileLength} of at least {(long)length + PrefixLength} bytes; {Damaged}");
        }

        return (int)length;
    }

    /// <summary>Checks a header alone: that it is a model file's, and that its tensors fill the bytes that follow.</summary>
    public static void RequireHeader(ReadOnlySpan<byte> header, long dataLength, string name)
    {
        try
        {
            RequireFormat(MetadataReader.Read(header), name);
            _ = TensorEntriesReader.Read(header, dataLength);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw NotAHeader(name, error);
        }
    }

    /// <summary>SHA-256 of the file with the digits of its checksum replaced by zeros, as lowercase hexadecimal digits.</summary>
    public static string Checksum(ReadOnlySpan<byte> file, int digitsAt)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> zeros = stackalloc byte[RecordNames.ChecksumDigits];
        zeros.Fill((byte)'0');
        hash.AppendData(file[..digitsAt]);
        hash.AppendData(zeros);
        hash.AppendData(file[(digitsAt + zeros.Length)..]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>InvalidOperationException is what Utf8JsonReader throws for text that is not well-formed Unicode.</summary>
    private static ModelFileException NotAHeader(string name, Exception error) =>
        new(name, $"the header is not that of a model file ({error.Message}); {Damaged}", error);

    private static void RequireFormat(in MetadataReader metadata, string name)
    {
        if (!metadata.Values.TryGetValue(RecordNames.Format, out string? format) || format != RecordNames.FormatValue)
        {
            throw new ModelFileException(
                name,
                $"is a safetensors file, but not a model file of this library: its metadata do not say \"format\": "
                    + $"\"{RecordNames.FormatValue}\". Either another program wrote it, or {Damaged}");
        }
    }

    private static void RequireChecksum(ReadOnlySpan<byte> file, in MetadataReader metadata, string name)
    {
        if (metadata.ChecksumAt < 0)
        {
            throw new ModelFileException(name, $"has no checksum of {RecordNames.ChecksumDigits} digits; {Damaged}");
        }

        string actual = Checksum(file, PrefixLength + metadata.ChecksumAt);
        if (!string.Equals(actual, metadata.Values[RecordNames.Checksum], StringComparison.Ordinal))
        {
            throw new ModelFileException(name, $"does not agree with its checksum; {Damaged}");
        }
    }

    private static void RequireVersion(in MetadataReader metadata, string name)
    {
        int version = Number(metadata, RecordNames.FormatVersion, name);
        if (version > ModelFile.FormatVersion)
        {
            string writer = metadata.Values.GetValueOrDefault(RecordNames.LibraryVersion, "of an unknown version");
            throw new ModelFileException(
                name,
                $"was written by a newer version of the library ({writer}), in file format {version}; this library "
                    + $"({ModelFile.CurrentLibraryVersion}) reads up to format {ModelFile.FormatVersion}: update the library.");
        }
    }

    private static ModelRecord Assemble(in MetadataReader metadata, ReadOnlySpan<byte> header, ReadOnlyMemory<byte> data, string name)
    {
        string family = Text(metadata, RecordNames.Family, name);
        int familyVersion = Number(metadata, RecordNames.FamilyVersion, name);
        ModelRecord record = new(family, familyVersion, name, Text(metadata, RecordNames.LibraryVersion, name))
        {
            Checksum = metadata.Values[RecordNames.Checksum],
        };
        foreach (string key in metadata.Keys.Where(static key => !RecordNames.IsReserved(key)))
        {
            record.SetJson(key, metadata.Values[key]);
        }

        foreach (TensorEntry entry in TensorEntriesReader.Read(header, data.Length))
        {
            ReadOnlyMemory<byte> bytes = data[(int)entry.Begin..(int)entry.End];
            record.Add(new ModelTensor(entry.Name, entry.Type, entry.Shape, bytes, name));
        }

        return record;
    }

    private static string Text(in MetadataReader metadata, string key, string name) =>
        metadata.Values.TryGetValue(key, out string? text) && text.Length > 0
            ? text
            : throw new ModelFileException(name, $"does not say its '{key}'; {Damaged}");

    private static int Number(in MetadataReader metadata, string key, string name) =>
        int.TryParse(Text(metadata, key, name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1
            ? number
            : throw new ModelFileException(name, $"has a '{key}' that is no whole number from 1; {Damaged}");
}
