using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Archive;

public sealed class MirrorTreeTests : IDisposable
{
    private static readonly FileTime s_time = new(1_600_000_000, 123_456_789);
    private readonly string _root = Directory.CreateTempSubdirectory("mirror-").FullName;

    private string Tree => Path.Combine(_root, "tree");

    public MirrorTreeTests() => Directory.CreateDirectory(Tree);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void WhatIsTheSameIsNotAskedFor()
    {
        Assert.True(Mirror(File("a", "one"), Folder("d"), File("d/b", "two"), Link("l", "../out")));
        Assert.Equal("two", global::System.IO.File.ReadAllText(Path.Combine(Tree, "d/b")));
        Assert.Equal("../out", new FileInfo(Path.Combine(Tree, "l")).LinkTarget);

        Assert.False(Mirror(File("a", "one"), Folder("d"), File("d/b", "two"), Link("l", "../out")));
        Assert.True(Mirror(File("a", "One") with { Entry = File("a", "One").Entry with { Modified = new(1_600_000_001, 0) } }));
        Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(Tree).Select(Path.GetFileName));
        Assert.Equal("One", global::System.IO.File.ReadAllText(Path.Combine(Tree, "a")));
    }

    [Fact]
    public void AFileWhoseContentNeverCameIsAskedForAgain()
    {
        using (var tree = new MirrorTree(Tree))
            Assert.True(tree.Put(File("a", "one").Entry));
        Assert.True(Mirror(File("a", "one")));
    }

    [Fact]
    public void KindsMayChange()
    {
        Mirror(Folder("x"), File("x/y", "1"), Link("z", "/etc"));
        Mirror(File("x", "2"), Folder("z"), File("z/passwd", "3"));
        Assert.Equal("2", global::System.IO.File.ReadAllText(Path.Combine(Tree, "x")));
        Assert.Equal("3", global::System.IO.File.ReadAllText(Path.Combine(Tree, "z/passwd")));
        Assert.Null(new FileInfo(Path.Combine(Tree, "z")).LinkTarget);
    }

    [Fact]
    public void TwoNamesOfOneFileStayOne()
    {
        Mirror(File("a", "one"), (new MirrorEntry { Path = "b", Kind = InodeStatus.KindRegular, LinkName = "a" }, ""));
        global::System.IO.File.AppendAllText(Path.Combine(Tree, "b"), "!");
        Assert.Equal("one!", global::System.IO.File.ReadAllText(Path.Combine(Tree, "a")));
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../out")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("nul\0")]
    [InlineData("missing/file")]
    public void PathsThatLeadElsewhereAreRefused(string path)
    {
        using var tree = new MirrorTree(Tree);
        tree.Put(Folder("a").Entry);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => tree.Put(File(path, "x").Entry)).Kind);
    }

    [Fact]
    public void NothingGoesThroughALink()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_root, "outside")).FullName;
        using (var tree = new MirrorTree(Tree))
        {
            tree.Put(Link("l", outside).Entry);
            Assert.Throws<GantryException>(() => tree.Put(File("l/file", "x").Entry));
            Assert.Throws<GantryException>(() => tree.Put(Folder("l").Entry));
            Assert.Throws<GantryException>(() => tree.Put(new MirrorEntry { Path = "h", Kind = InodeStatus.KindRegular, LinkName = "../outside/secret" }));
        }

        // A link that was left there, and that the directory of that name now replaces.
        Mirror(Folder("l"), File("l/file", "x"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal("x", global::System.IO.File.ReadAllText(Path.Combine(Tree, "l/file")));
    }

    [Theory]
    [InlineData(InodeStatus.KindBlockDevice)]
    [InlineData(InodeStatus.KindCharacterDevice)]
    [InlineData(InodeStatus.KindSocket)]
    [InlineData(0u)]
    public void DevicesAreRefused(uint kind)
    {
        using var tree = new MirrorTree(Tree);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => tree.Put(new MirrorEntry { Path = "d", Kind = kind })).Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Tree));
    }

    [Fact]
    public void AListingTellsATreeInTheOrderOfItsPaths()
    {
        Mirror(File("a.txt", "1"), Folder("a"), File("a/z", "2"), Folder("a/b"), File("a/b/c", "3"), Link("l", "a/z"));
        using var listing = new TreeListing(Tree);
        var entries = listing.List().Select(e => e.Entry).ToList();
        Assert.Equal(["a", "a/b", "a/b/c", "a/z", "a.txt", "l"], entries.Select(e => e.Path));
        Assert.Equal("a/z", entries[^1].LinkName);
        Assert.Equal(s_time, entries[2].Modified);
        Assert.Equal(0x1A4u, entries[2].Permissions);
    }

    private static (MirrorEntry Entry, string Content) File(string path, string content) =>
        (new MirrorEntry { Path = path, Kind = InodeStatus.KindRegular, Permissions = 0x1A4, Size = content.Length, Modified = s_time }, content);

    private static (MirrorEntry Entry, string Content) Folder(string path) => (new MirrorEntry { Path = path, Kind = InodeStatus.KindDirectory, Permissions = 0x1ED, Modified = s_time }, "");

    private static (MirrorEntry Entry, string Content) Link(string path, string target) => (new MirrorEntry { Path = path, Kind = InodeStatus.KindSymlink, Permissions = 0x1FF, Modified = s_time, LinkName = target }, "");

    /// <summary>Makes the tree like the entries; whether anything's content was asked for.</summary>
    private bool Mirror(params (MirrorEntry Entry, string Content)[] entries)
    {
        using var tree = new MirrorTree(Tree);
        var asked = entries.Where(e => tree.Put(e.Entry)).ToList();
        foreach (var (entry, content) in asked)
        {
            using var file = tree.OpenContent(entry);
            MirrorTree.Write(entry, file, Encoding.UTF8.GetBytes(content));
            MirrorTree.Seal(entry, file);
        }

        tree.Finish();
        return asked.Count > 0;
    }
}
