using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EntropyElbo.Files;

/// <summary>The JSON header of a model file, with zeros where the checksum will stand.</summary>
/// <param name="Bytes">The header, padded with spaces to a multiple of eight bytes.</param>
/// <param name="ChecksumAt">Where in the header the digits of the checksum begin.</param>
/// <param name="Offsets">Where in the data section each tensor begins, in the order of the record.</param>
/// <param name="DataLength">Bytes of the data section.</param>
internal sealed record Header(byte[] Bytes, int ChecksumAt, long[] Offsets, long DataLength)
{
    /// <summary>Lays out a record: where each tensor goes, and the JSON that says so.</summary>
    public static Header For(ModelRecord record)
    {
        (long[] offsets, long dataLength) = Layout(record.Tensors);
        ArrayBufferWriter<byte> buffer = new(1024);
        int checksumAt;
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            checksumAt = WriteMetadata(json, record);
            for (int i = 0; i < offsets.Length; i++)
            {
                WriteTensor(json, record.Tensors[i], offsets[i]);
            }

            json.WriteEndObject();
        }

        byte[] bytes = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        bytes.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(bytes);
        return new Header(bytes, checksumAt, offsets, dataLength);
    }

    /// <summary>
    /// Eight-byte elements first, then four-byte ones, each in the order of the record, so that every tensor begins
    /// at a multiple of its element size and readers may map it in place.
    /// </summary>
    private static (long[] Offsets, long Length) Layout(IReadOnlyList<ModelTensor> tensors)
    {
        long[] offsets = new long[tensors.Count];
        long length = 0;
        foreach (int elementSize in (ReadOnlySpan<int>)[sizeof(double), sizeof(float)])
        {
            for (int i = 0; i < offsets.Length; i++)
            {
                if (ModelTensor.ElementSize(tensors[i].Type) == elementSize)
                {
                    offsets[i] = length;
                    length += tensors[i].Data.Length;
                }
            }
        }

        return (offsets, length);
    }

    private static int WriteMetadata(Utf8JsonWriter json, ModelRecord record)
    {
        json.WriteStartObject(RecordNames.Metadata);
        json.WriteString(RecordNames.Checksum, new string('0', RecordNames.ChecksumDigits));
        int checksumAt = checked((int)(json.BytesCommitted + json.BytesPending)) - 1 - RecordNames.ChecksumDigits;
        json.WriteString(RecordNames.Format, RecordNames.FormatValue);
        json.WriteString(RecordNames.FormatVersion, $"{ModelFile.FormatVersion}");
        json.WriteString(RecordNames.LibraryVersion, ModelFile.CurrentLibraryVersion);
        json.WriteString(RecordNames.Family, record.Family);
        json.WriteString(RecordNames.FamilyVersion, $"{record.FamilyVersion}");
        foreach (string key in record.Keys)
        {
            json.WriteString(key, record.GetJson(key));
        }

        json.WriteEndObject();
        return checksumAt;
    }

    private static void WriteTensor(Utf8JsonWriter json, ModelTensor tensor, long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.ToString());
        json.WriteStartArray("shape");
        foreach (int length in tensor.Shape)
        {
            json.WriteNumberValue(length);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + tensor.Data.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
