using System.Text.Json.Nodes;
using EntropyElbo.Files;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>
/// Breaks records as an attacker would who can repair checksums: values, shapes and types of tensors, facts as JSON trees. Facts
/// under <c>fingerprint</c> are kept: without them nothing behind would be reached.
/// </summary>
internal sealed class RecordMutator(Random random)
{
    private static readonly double[] Doubles =
    [
        double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, -1, 1, 2, 1e308, -1e308, 1e-308, double.Epsilon, 1e200, 1e-200, 1e38, -1e38, 1e20,
        -1e20, 1e6, -1e6, 1e15, 0.5, int.MaxValue,
    ];

    private static readonly string[] Words =
    [
        "", "null", "gaussian", "poisson", "binomial:0", "binomial:99999999999", "mixture:gamma", "mixture:poisson@1-9999999", "none", "standard", "closedForm",
        "NaN", "Infinity", "softplus", "2x2x1", "65536x65536x4096", "\ud800", "\u202e\u0000", new string('x', 3000),
    ];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "3", "5", "7", "64", "65536", "65537", "1000000", "2147483647", "-2147483648", "4294967296", "9223372036854775807", "1e400", "0.5",
        "-0.0", "1e-320", "1e308",
    ];

    /// <summary>A record with one to three things broken.</summary>
    public ModelRecord Mutate(ModelRecord record)
    {
        for (int i = random.Next(2) == 0 ? 1 : random.Next(1, 4); i > 0; i--)
        {
            record = random.Next(3) == 0 ? MutateFact(record) : MutateTensor(record);
        }

        return record;
    }

    private ModelRecord MutateFact(ModelRecord record)
    {
        string[] keys = [.. record.Keys.Where(k => k != "fingerprint")];
        int which = random.Next(keys.Length + 3);
        if (which >= keys.Length)
        {
            string family = which == keys.Length ? Pick([.. FuzzModels.All.Select(c => c.Family)]) : record.Family;
            int version = which == keys.Length + 1 ? random.Next(1, 9) : record.FamilyVersion;
            return Copy(record, family, version, record.Keys, record.Tensors, (_, json) => json);
        }

        string key = keys[which];
        return random.Next(12) == 0
            ? Copy(record, record.Family, record.FamilyVersion, record.Keys.Where(k => k != key), record.Tensors, (_, json) => json)
            : Copy(record, record.Family, record.FamilyVersion, record.Keys, record.Tensors, (k, json) => k == key ? MutateJson(json) : json);
    }

    private string MutateJson(string json)
    {
        JsonNode? root = JsonNode.Parse(json);
        List<JsonNode> nodes = [];
        Collect(root, nodes);
        if (nodes.Count == 0)
        {
            return Pick(Numbers);
        }

        JsonNode node = nodes[random.Next(nodes.Count)];
        JsonNode? other = Replacement(node);
        switch (node.Parent)
        {
            case JsonArray array:
                array[array.IndexOf(node)] = other;
                break;
            case JsonObject parent:
                string name = node.GetPropertyName();
                if (random.Next(6) == 0)
                {
                    parent.Remove(name);
                }
                else
                {
                    parent[name] = other;
                }

                break;
            default:
                root = other;
                break;
        }

        return root?.ToJsonString() ?? "null";
    }

    private JsonNode? Replacement(JsonNode node)
    {
        if (node is JsonArray array && random.Next(3) > 0)
        {
            JsonArray copy = (JsonArray)array.DeepClone();
            if (copy.Count > 0 && random.Next(2) == 0)
            {
                copy.RemoveAt(random.Next(copy.Count));
            }
            else
            {
                copy.Add(copy.Count > 0 && random.Next(2) == 0 ? copy[0]?.DeepClone() : Scalar());
            }

            return copy;
        }

        return Scalar();
    }

    private JsonNode? Scalar() => random.Next(5) switch
    {
        0 => null,
        1 => JsonValue.Create(Pick(Words).Replace('\ud800', '?')),
        2 => random.Next(2) == 0 ? new JsonArray() : new JsonObject(),
        _ => JsonNode.Parse(Pick(Numbers)),
    };

    private static void Collect(JsonNode? node, List<JsonNode> nodes)
    {
        if (node is null)
        {
            return;
        }

        nodes.Add(node);
        IEnumerable<JsonNode?> children = node switch { JsonArray array => array, JsonObject parent => parent.Select(p => p.Value), _ => [] };
        foreach (JsonNode? child in children)
        {
            Collect(child, nodes);
        }
    }

    private ModelRecord MutateTensor(ModelRecord record)
    {
        if (record.Tensors.Count == 0)
        {
            return record;
        }

        int which = random.Next(record.Tensors.Count);
        List<ModelTensor> tensors = [.. record.Tensors];
        ModelTensor tensor = tensors[which];
        switch (random.Next(12))
        {
            case 0:
                tensors.RemoveAt(which);
                break;
            case 1:
                ModelTensor source = Pick([.. record.Tensors]);
                tensors[which] = new ModelTensor(tensor.Name, source.Type, [.. source.Shape], source.Data, "fuzz");
                break;
            case 2:
                tensors[which] = Reshaped(tensor);
                break;
            case 3:
                tensors[which] = Filled(tensor, Doubles[random.Next(Doubles.Length)]);
                break;
            default:
                tensors[which] = Changed(tensor, random.Next(1, 4));
                break;
        }

        return Copy(record, record.Family, record.FamilyVersion, record.Keys, tensors, (_, json) => json);
    }

    private ModelTensor Reshaped(ModelTensor tensor) => random.Next(3) switch
    {
        0 => new ModelTensor(tensor.Name, tensor.Type, [.. tensor.Shape.Reverse()], tensor.Data, "fuzz"),
        1 => new ModelTensor(tensor.Name, tensor.Type, [0, int.MaxValue], default, "fuzz"),
        _ => new ModelTensor(tensor.Name, tensor.Type, [tensor.Data.Length / ModelTensor.ElementSize(tensor.Type)], tensor.Data, "fuzz"),
    };

    private static ModelTensor Filled(ModelTensor tensor, double value)
    {
        byte[] data = tensor.Data.ToArray();
        int size = ModelTensor.ElementSize(tensor.Type);
        for (int at = 0; at < data.Length; at += size)
        {
            Write(data, at, tensor.Type, value);
        }

        return new ModelTensor(tensor.Name, tensor.Type, [.. tensor.Shape], data, "fuzz");
    }

    private ModelTensor Changed(ModelTensor tensor, int changes)
    {
        byte[] data = tensor.Data.ToArray();
        int size = ModelTensor.ElementSize(tensor.Type);
        for (int i = 0; i < changes && data.Length > 0; i++)
        {
            int at = random.Next(data.Length / size) * size;
            if (random.Next(5) == 0)
            {
                random.NextBytes(data.AsSpan(at, size));
            }
            else
            {
                Write(data, at, tensor.Type, Doubles[random.Next(Doubles.Length)]);
            }
        }

        return new ModelTensor(tensor.Name, tensor.Type, [.. tensor.Shape], data, "fuzz");
    }

    private static void Write(byte[] data, int at, TensorType type, double value)
    {
        byte[] bytes = type switch
        {
            TensorType.F32 => BitConverter.GetBytes((float)value),
            TensorType.F64 => BitConverter.GetBytes(value),
            _ => BitConverter.GetBytes((long)value),
        };
        bytes.CopyTo(data, at);
    }

    private T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];

    private static ModelRecord Copy(
        ModelRecord record, string family, int version, IEnumerable<string> keys, IEnumerable<ModelTensor> tensors, Func<string, string, string> change)
    {
        ModelRecord copy = new(family, version);
        foreach (string key in keys)
        {
            copy.SetJson(key, change(key, record.GetJson(key)));
        }

        foreach (ModelTensor tensor in tensors)
        {
            copy.Add(tensor);
        }

        return copy;
    }
}
