using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Files;

/// <summary>One writer of a file at a time, and nothing left of those that were killed.</summary>
[TestClass]
public sealed class FileClaimTests
{
    private string _folder = "";

    private string Target => Path.Combine(_folder, "model" + ModelFile.Extension);

    [TestInitialize]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("eelbo-claim-").FullName;

    [TestCleanup]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void TheSecondIsRefusedUntilTheFirstLetsGo()
    {
        using (FileClaim.Take(Target))
        {
            StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => FileClaim.Take(Target)).Message, "another process");
            FileClaim.Take(Target + "2").Dispose();
        }

        FileClaim.Take(Target).Dispose();
        AssertOnly();
    }

    [TestMethod]
    public void AModelIsNotSavedToAFileThatIsClaimed()
    {
        Fuzz.FuzzModels.Case made = Fuzz.FuzzModels.All.First(c => c.Family == "ppca");
        LatentModel model = made.Trainer(1).Fit(made.Rows).Model;
        using (FileClaim.Take(Target))
        {
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => model.Save(Target)).Message, "another process");
            Assert.IsFalse(File.Exists(Target));
        }

        model.Save(Target);
        Assert.AreEqual("ppca", ModelFamilies.Load(Target).Family);
        File.Delete(Target);
        AssertOnly();
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void ALinkIsClaimedByWhatItPointsTo()
    {
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, Target);
        using FileClaim first = FileClaim.Take(Target);
        Assert.ThrowsExactly<IOException>(() => FileClaim.Take(link));
    }

    [TestMethod]
    public void ManyAtOnceOneHolds()
    {
        int held = 0;
        int most = 0;
        Parallel.For(0, 400, _ =>
        {
            try
            {
                using FileClaim claim = FileClaim.Take(Target);
                int now = Interlocked.Increment(ref held);
                InterlockedMax(ref most, now);
                Interlocked.Decrement(ref held);
            }
            catch (IOException)
            {
                return;
            }
        });
        Assert.AreEqual(1, most);
        AssertOnly();
    }

    /// <summary>A killed process leaves its files without their locks.</summary>
    [TestMethod]
    public void WhatTheDeadLeftIsClearedAndNothingElse()
    {
        string dead = TemporaryFiles.Unique(_folder);
        string deadClaim = TemporaryFiles.Of(Target + "3");
        string alive = TemporaryFiles.Unique(_folder);
        string[] others =
        [
            Path.Combine(_folder, ".eelbo-notes.tmp"),
            Path.Combine(_folder, ".eelbo-00000000-0123456789abcdef0123456789abcdef.tmp"),
            TemporaryFiles.Unique(_folder) + ".csv",
            TemporaryFiles.Unique(_folder).ToUpperInvariant().Replace(_folder.ToUpperInvariant(), _folder, StringComparison.Ordinal),
        ];
        foreach (string file in (string[])[dead, deadClaim, .. others])
        {
            File.WriteAllText(file, "x");
        }

        using (new FileStream(alive, FileMode.CreateNew, FileAccess.Write, TemporaryFiles.Exclusive))
        {
            ModelFile.Write(Target, SampleRecords.Small());
            AssertOnly([Target, alive, .. others]);
        }

        FileClaim.Take(Target).Dispose();
        AssertOnly([Target, .. others]);
    }

    [TestMethod]
    public void WritersSideBySideClearNothingThatLives()
    {
        Parallel.For(0, 60, i => AtomicFile.Write(Path.Combine(_folder, $"f{i % 6}"), stream => stream.Write(new byte[64])));
        AssertOnly([.. Enumerable.Range(0, 6).Select(i => Path.Combine(_folder, $"f{i}"))]);
        Assert.IsTrue(Directory.GetFiles(_folder).All(f => new FileInfo(f).Length == 64));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void WhileItIsWrittenAPrivateFileIsPrivate()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.WriteAllText(Target, "old");
        File.SetUnixFileMode(Target, Private);
        AtomicFile.Write(Target, stream =>
        {
            stream.WriteByte(1);
            FileSystemInfo[] files = new DirectoryInfo(_folder).GetFileSystemInfos();
            Assert.HasCount(2, files);
            Assert.IsTrue(files.All(f => f.UnixFileMode == Private));
        });
    }

    [TestMethod]
    public void ACheckpointHasOneFit()
    {
        double[] rows = [.. Enumerable.Range(0, 400).Select(i => Math.Sin(i * i))];
        FitContext context = new() { CheckpointPath = Target };
        foreach (ITrainer trainer in new[] { "vae-1", "factor-analysis" }.Select(
            name => ModelFamilies.Find(name).CreateTrainer(new FitSettings { Latents = 1, Epochs = 2 })))
        {
            using (FileClaim.Take(Target))
            {
                string message = Assert.ThrowsExactly<ModelFileException>(
                    () => trainer.Fit(new InMemoryRows(rows, 4), context)).Message;
                StringAssert.Contains(message, "another process");
                StringAssert.Contains(message, Target);
            }

            trainer.Fit(new InMemoryRows(rows, 4), context);
            AssertOnly(Target);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            if (Interlocked.CompareExchange(ref target, value, seen) == seen)
            {
                return;
            }
        }
    }

    private void AssertOnly(params string[] paths) =>
        CollectionAssert.AreEquivalent(paths, Directory.GetFileSystemEntries(_folder));
}
