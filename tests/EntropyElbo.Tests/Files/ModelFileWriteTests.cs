using EntropyElbo.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

/// <summary>Writing whole or not at all: whatever fails, the old file is intact and nothing is left beside it.</summary>
[TestClass]
public sealed class ModelFileWriteTests
{
    private string _folder = "";

    private string Target => Path.Combine(_folder, "model" + ModelFile.Extension);

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("eelbo-write-").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void WritesAndReplacesAndLeavesNothingElse()
    {
        File.WriteAllText(Target, "old");
        ModelFile.Write(Target, SampleRecords.Small());
        CollectionAssert.AreEqual(ModelFile.ToBytes(SampleRecords.Small()), File.ReadAllBytes(Target));
        ModelRecord read = ModelFile.Read(Target);
        Assert.AreEqual(Target, read.Source);
        Assert.AreEqual("sample-family", read.Family);
        AssertOnly(Target);
    }

    [TestMethod]
    public void RelativePathsAndLongNamesWork()
    {
        string name = Path.Combine(_folder, new string('m', 240) + ModelFile.Extension);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, name);
        ModelFile.Write(relative, SampleRecords.Small());
        Assert.AreEqual("sample-family", ModelFile.Read(name).Family);
        AssertOnly(name);
    }

    [TestMethod]
    public void FullDiskLeavesTheOldFile()
    {
        byte[] old = ModelFile.ToBytes(SampleRecords.Small());
        File.WriteAllBytes(Target, old);
        for (int room = 0; room < 64; room += 9)
        {
            IOException error = Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(
                Target, stream => stream.Write(new byte[64]), clear: true, file => new FullDiskStream(file, room)));
            Assert.AreEqual("No space left", error.Message);
            CollectionAssert.AreEqual(old, File.ReadAllBytes(Target));
            AssertOnly(Target);
        }
    }

    [TestMethod]
    public void FullDiskDiscoveredWhenFlushingLeavesTheOldFile()
    {
        File.WriteAllText(Target, "old");
        Assert.ThrowsExactly<IOException>(() => AtomicFile.Write(
            Target, stream => stream.Write(new byte[64]), clear: true, file => new FullDiskStream(file, 64, failFlush: true)));
        Assert.AreEqual("old", File.ReadAllText(Target));
        AssertOnly(Target);
    }

    [TestMethod]
    public void AnErrorOfTheCallerLeavesTheOldFile()
    {
        File.WriteAllText(Target, "old");
        Assert.ThrowsExactly<InvalidTimeZoneException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write(new byte[64]);
            throw new InvalidTimeZoneException();
        }));
        Assert.AreEqual("old", File.ReadAllText(Target));
        AssertOnly(Target);
    }

    [TestMethod]
    public void AFolderOfThatNameIsNotReplaced()
    {
        Directory.CreateDirectory(Target);
        StringAssert.Contains(WriteError(Target), "folder");
        Assert.IsTrue(Directory.Exists(Target));
        AssertOnly(Target);
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelFile.Read(Target));
        Assert.IsNotNull(error.InnerException);
    }

    [TestMethod]
    public void UnwritableFoldersAreNamed()
    {
        string missing = Path.Combine(_folder, "missing", "model.eelbo");
        StringAssert.Contains(WriteError(missing), missing);
        Assert.IsFalse(Directory.Exists(Path.GetDirectoryName(missing)));

        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "old");
        WriteError(Path.Combine(file, "model.eelbo"));
        WriteError(Path.Combine(_folder, new string('m', 300)));
        WriteError(Path.Combine(_folder, "nul\0model"));
        Assert.ThrowsExactly<ArgumentException>(() => ModelFile.Write("", SampleRecords.Small()));
        Assert.AreEqual("old", File.ReadAllText(file));
        AssertOnly(file);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void DevicesAreNotReplaced()
    {
        StringAssert.Contains(WriteError("/dev/null"), "device");
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, "/dev/null");
        StringAssert.Contains(WriteError(link), "device");
        Assert.AreEqual(0, new FileInfo("/dev/null").Length);
        AssertOnly(link);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void LinksAndPermissionsAreKept()
    {
        string link = Path.Combine(_folder, "link");
        File.WriteAllText(Target, "old");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Target, Private);
        }

        File.CreateSymbolicLink(link, Target);
        ModelFile.Write(link, SampleRecords.Small());
        Assert.AreEqual(Target, new FileInfo(link).LinkTarget);
        Assert.AreEqual("sample-family", ModelFile.Read(Target).Family);
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(Private, File.GetUnixFileMode(Target));
        }

        AssertOnly(link, Target);
    }

    [TestMethod]
    public void ReadingSaysWhatIsWrong()
    {
        StringAssert.Contains(ReadError(Target), Target);
        File.WriteAllBytes(Target, []);
        StringAssert.Contains(ReadError(Target), "0 bytes");
        File.WriteAllText(Target, "x,y\n1,2\n3,4\n");
        StringAssert.Contains(ReadError(Target), "another kind of file");
        byte[] sound = ModelFile.ToBytes(SampleRecords.Small());
        File.WriteAllBytes(Target, sound[..^1]);
        StringAssert.Contains(ReadError(Target), "cut short");
    }

    [TestMethod]
    public void AFileTooLongForAnyModelIsRefusedUnread()
    {
        using (FileStream stream = File.Create(Target))
        {
            stream.SetLength(1L << 33); // A sparse file: no room is taken.
        }

        StringAssert.Contains(ReadError(Target), "8589934592");
    }

    private static string WriteError(string path)
    {
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelFile.Write(path, SampleRecords.Small()));
        StringAssert.Contains(error.Message, "untouched");
        Assert.IsNotNull(error.InnerException);
        return error.Message;
    }

    private static string ReadError(string path) => Assert.ThrowsExactly<ModelFileException>(() => ModelFile.Read(path)).Message;

    private void AssertOnly(params string[] paths) =>
        CollectionAssert.AreEquivalent(paths, Directory.GetFileSystemEntries(_folder));

    private sealed class FullDiskStream(string path, int room, bool failFlush = false)
        : FileStream(path, FileMode.CreateNew, FileAccess.Write)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            int fits = (int)Math.Min(buffer.Length, room - Position);
            base.Write(buffer[..fits]);
            if (fits < buffer.Length)
            {
                throw new IOException("No space left");
            }
        }

        public override void Flush(bool flushToDisk)
        {
            base.Flush(flushToDisk);
            if (failFlush)
            {
                throw new IOException("No space left");
            }
        }
    }
}
