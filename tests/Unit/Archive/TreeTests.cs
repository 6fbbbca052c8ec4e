using Gantry.Archive;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Archive;

/// <summary>A tree that goes into an archive and out of it again; needs no rights.</summary>
public sealed class TreeTests : IDisposable
{
    private readonly string _from = Directory.CreateTempSubdirectory("gantry-tree-").FullName;
    private readonly string _to = Directory.CreateTempSubdirectory("gantry-tree-").FullName;

    public void Dispose()
    {
        Directory.Delete(_from, recursive: true);
        Directory.Delete(_to, recursive: true);
    }

    [Fact]
    public void ComesBackAsItWas()
    {
        var deep = Path.Combine(_from, new string('d', 80), new string('e', 80), "ümlaut");
        Directory.CreateDirectory(deep);
        File.WriteAllText(Path.Combine(deep, "f"), "content");
        File.SetUnixFileMode(Path.Combine(deep, "f"), (UnixFileMode)0x1A0);
        File.SetLastWriteTimeUtc(Path.Combine(deep, "f"), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(1234567));
        File.CreateSymbolicLink(Path.Combine(_from, "link"), "/nowhere/at all");
        File.WriteAllText(Path.Combine(_from, "z"), "");
        using (var sparse = File.Create(Path.Combine(_from, "holes")))
        {
            sparse.SetLength(64 << 20);
            sparse.Position = 32 << 20;
            sparse.Write("in the middle"u8);
        }

        var archive = Pack();
        Assert.InRange(archive.Length, 1, 1 << 20);
        Unpack(archive);
        var f = Path.Combine(_to, Path.GetRelativePath(_from, deep), "f");
        Assert.Equal("content", File.ReadAllText(f));
        Assert.Equal((UnixFileMode)0x1A0, File.GetUnixFileMode(f));
        Assert.Equal(File.GetLastWriteTimeUtc(Path.Combine(deep, "f")), File.GetLastWriteTimeUtc(f));
        Assert.Equal(Directory.GetLastWriteTimeUtc(deep), Directory.GetLastWriteTimeUtc(Path.GetDirectoryName(f)!));
        Assert.Equal("/nowhere/at all", new FileInfo(Path.Combine(_to, "link")).LinkTarget);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_from, "holes")), File.ReadAllBytes(Path.Combine(_to, "holes")));
    }

    [Fact]
    public void WhatIsThereIsReplacedUnlessADirectoryIsToBeKept()
    {
        File.WriteAllText(Path.Combine(_from, "a"), "new");
        Directory.CreateDirectory(Path.Combine(_to, "a", "sub"));
        var refused = Assert.Throws<GantryException>(() => Unpack(Pack(), keep: true));
        Assert.Equal("cannot overwrite directory \"/a\" with non-directory \"a\"", refused.Message);
        Unpack(Pack());
        Assert.Equal("new", File.ReadAllText(Path.Combine(_to, "a")));
    }

    [Fact]
    public void ALinkOfTheTreeDoesNotLeadOutOfIt()
    {
        var outside = Directory.CreateTempSubdirectory("gantry-outside-").FullName;
        File.CreateSymbolicLink(Path.Combine(_to, "way"), outside);
        Directory.CreateDirectory(Path.Combine(_from, "way"));
        File.WriteAllText(Path.Combine(_from, "way", "f"), "x");
        // The directory's own entry would replace the link: an archive without it goes through.
        Assert.Throws<GantryException>(() => Unpack(Pack(e => e.Kind != TarEntryKind.Directory)));
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Directory.Delete(outside);
    }

    private MemoryStream Pack(Func<TarEntry, bool>? filter = null)
    {
        var archive = new MemoryStream();
        var writer = new TarWriter(archive);
        using (var root = Gantry.Kernel.Sys.Files.Open(_from, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY))
            new TreeArchive(writer, CancellationToken.None) { Filter = filter is null ? null : (entry, _) => filter(entry) }.AddDirectory(root, [], itself: false);
        writer.Finish();
        archive.Position = 0;
        return archive;
    }

    private void Unpack(Stream archive, bool keep = false)
    {
        using var root = Gantry.Kernel.Sys.Files.Open(_to, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        using var reader = new TarReader(archive);
        using var extraction = new TreeExtraction(root, "", new ExtractionOptions { KeepDirectories = keep, WithOwners = false });
        extraction.Write(reader, CancellationToken.None);
    }
}
