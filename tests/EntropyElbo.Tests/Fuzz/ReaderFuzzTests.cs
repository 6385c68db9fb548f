using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;
using EntropyElbo.Tests.Cli;
using EntropyElbo.Tests.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>The readers under damaged and hostile input: rows, or the errors they document, in bounded time and memory.</summary>
[TestClass]
public class ReaderFuzzTests
{
    [TestMethod]
    public void Tables() => new FuzzRun("tables").Seeds(1500, 64, seed =>
    {
        Random random = new(seed);
        byte[] bytes = ReaderFuzzInputs.Mutate(random, ReaderFuzzInputs.Table(random));
        return SameWhicheverWay(random, random.Next(4) == 0 ? DataTest.Gzip(bytes) : bytes, ReaderFuzzInputs.Options(random));
    });

    [TestMethod]
    public void Idx() => new FuzzRun("IDX").Seeds(1000, 256, seed =>
    {
        Random random = new(seed);
        byte[] bytes = ReaderFuzzInputs.Idx(random);
        bytes = random.Next(2) == 0 ? ReaderFuzzInputs.Mutate(random, bytes) : bytes;
        CsvOptions options = new() { Columns = random.Next(3) == 0 ? ColumnSelection.Parse("1") : null };
        return SameWhicheverWay(random, random.Next(4) == 0 ? DataTest.Gzip(bytes) : bytes, options);
    });

    /// <summary>Damaged gzip is an error, or what was compressed, or its first members: never other bytes.</summary>
    [TestMethod]
    public void Gzip() => new FuzzRun("gzip").Seeds(2000, 64, seed =>
    {
        Random random = new(seed);
        byte[] text = ReaderFuzzInputs.Table(random);
        byte[] tail = random.Next(2) == 0 ? [] : ReaderFuzzInputs.Table(random);
        byte[] packed = [.. DataTest.Gzip(text), .. tail.Length == 0 ? [] : DataTest.Gzip(tail)];
        using MemoryStream unpacked = new();
        try
        {
            packed = ReaderFuzzInputs.Mutate(random, packed);
            if (packed.Length == 0)
            {
                return "empty";
            }

            using GzipInput input = new(new MemoryStream(packed));
            byte[] block = new byte[1 + random.Next(300)];
            for (int read = input.Read(block); read > 0; read = input.Read(block))
            {
                unpacked.Write(block, 0, read);
            }
        }
        catch (InvalidDataException)
        {
            return "refused";
        }

        byte[] found = unpacked.ToArray();
        Assert.IsTrue(found.AsSpan().SequenceEqual(text) || found.AsSpan().SequenceEqual(tail) || found.AsSpan().SequenceEqual([.. text, .. tail]));
        return "read";
    });

    [TestMethod]
    public void Column_selections() => new FuzzRun("column selections").Seeds(5000, 8, seed =>
    {
        Random random = new(seed);
        string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => "0123-9,,\"ab \u001B"[random.Next(13)]));
        string[] names = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => ReaderFuzzInputs.Pick(random, ["a", "b", "ab", "1", "1-2", "", "0"]))];
        try
        {
            int[] selected = ColumnSelection.Parse(text).Resolve(names);
            Assert.HasCount(selected.Length, selected.Distinct());
            Assert.IsTrue(selected.Length > 0 && selected.All(i => i >= 0 && i < names.Length));
            return "resolved";
        }
        catch (BadOptionException)
        {
            return "refused";
        }
    });

    /// <summary>The tool's options for reading, with values that are and are not for them: status 0, 1 or 2, and never a defect.</summary>
    [TestMethod]
    public void Command_lines()
    {
        using CliFolder folder = new();
        string[] options = ["--columns", "--delimiter", "--decimal", "--header", "--missing", "--skip-missing", "--scale", "--latents", "--seed", "--test"];
        string[] values =
        [
            "", ",", ";", "tab", "space", "\t", "1-2", "2,1", "a", "a,b,c", "0", "-1", "1", "1e9", "99999999999999999999", "yes", "no", "auto", "none", "NA,-999",
            "\u001B[31m", "é", "\"", "\"a\"", "point", "comma", folder.Data, folder.Labelled, "nosuch.csv", "-", "@x", "--",
        ];
        new FuzzRun("command lines").Seeds(300, 64, seed =>
        {
            Random random = new(seed);
            List<string> args = ["fit", random.Next(3) == 0 ? folder.Labelled : folder.Data, "--model", "ppca", "--latents", "1"];
            for (int i = random.Next(4); i >= 0; i--)
            {
                string option = ReaderFuzzInputs.Pick(random, options);
                args.Add(option);
                args.AddRange(option == "--skip-missing" ? [] : [ReaderFuzzInputs.Pick(random, values)]);
            }

            CliRun run = CliRun.Of([.. args]);
            Assert.IsInRange(0, 2, run.Status, string.Join(' ', args));
            Assert.IsFalse(run.Error.Contains("unexpected", StringComparison.Ordinal), $"{string.Join(' ', args)}: {run.Error}");
            Assert.AreEqual(run.Status == 0, run.Error.Length == 0, run.Error);
            return $"status {run.Status}";
        });
    }

    /// <summary>A file, a pipe, and a pipe that gives little at a time: the same rows or the same error.</summary>
    private static string SameWhicheverWay(Random random, byte[] bytes, CsvOptions options)
    {
        using TempFolder folder = new();
        string path = folder.Write(bytes);
        int block = 1 + random.Next(5);
        (string answer, double[] values) = Read(() => RowSources.Open(path, options), block);
        (string again, double[] other) = Read(() => RowSources.Read(new TrickleStream(bytes, 1 + random.Next(40)), path, options), 7);
        Assert.AreEqual(answer, again);
        DataTest.AssertSameBits(values, other);
        return answer.Split(':')[0];
    }

    private static (string Answer, double[] Values) Read(Func<IRowSource> open, int block)
    {
        try
        {
            IRowSource rows = open();
            double[] values = DataTest.Read(rows, block);
            Assert.AreEqual(rows.CountRows() * rows.Columns, values.LongLength);
            Assert.HasCount(rows.Columns, rows.ColumnNames);
            return ("read", values);
        }
        catch (BadDataException error)
        {
            return ($"bad data: {error.Message}", []);
        }
        catch (BadOptionException error)
        {
            return ($"bad option: {error.Message}", []);
        }
    }

    private sealed class TrickleStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(most, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(most, count));
    }
}
