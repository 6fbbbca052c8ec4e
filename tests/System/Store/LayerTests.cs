using System.Text;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Store;

public sealed class LayerTests : IDisposable
{
    private readonly StoreFixture _store = new();
    private readonly Lease _lease;

    public LayerTests() => _lease = _store.Content.Leases.Open();

    public void Dispose()
    {
        _lease.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task KeepsKindsModesOwnersTimesAndAttributes()
    {
        var path = await _store.UnpackAsync(_lease, new TarBuilder()
            .Directory("d", mode: 0x5ED, uid: 5, gid: 6)
            .File("d/f", "hello", mode: 0x9A4, uid: 1000, gid: 3_000_000, pax: [("mtime", "1600000000.123456789"), ("SCHILY.xattr.user.k", "v"), ("gid", "3000000"), ("SCHILY.xattr.trusted.overlay.redirect", "/etc")])
            .Symlink("d/s", "../../../../etc/passwd")
            .HardLink("h", "d/f")
            .Device("null", 1, 3)
            .Fifo("p")
            .Build());
        var f = Status(path, "d/f");
        Assert.Equal((0x9A4u, 1000u, 3_000_000u, 5L, 2u), (f.Permissions, f.Uid, f.Gid, f.Size, f.Links));
        Assert.Equal(new FileTime(1_600_000_000, 123_456_789), f.Modified);
        Assert.Equal((0x5EDu, 5u, 6u, 1_700_000_000L), (Status(path, "d").Permissions, Status(path, "d").Uid, Status(path, "d").Gid, Status(path, "d").Modified.Seconds));
        Assert.Equal("../../../../etc/passwd", new FileInfo(Path.Combine(path, "d/s")).LinkTarget);
        Assert.Equal((InodeStatus.KindCharacterDevice, (1u, 3u)), (Status(path, "null").Kind, Status(path, "null").Device));
        Assert.Equal(InodeStatus.KindFifo, Status(path, "p").Kind);
        using var directory = LayerStore.OpenDirectory(Path.Combine(path, "d"));
        Assert.Equal("v"u8.ToArray(), Xattrs.Find(directory, "f\0"u8, "user.k"));
        // An image must not steer overlayfs.
        Assert.Equal(["user.k"], Xattrs.List(directory, "f\0"u8).Where(x => !x.StartsWith("security.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task MarksWhatALayerTakesAway()
    {
        var path = await _store.UnpackAsync(_lease, new TarBuilder()
            .Directory("a").File("a/.wh.gone", "").Directory("o").File("o/.wh..wh..opq", "").File("o/kept", "x")
            .File(".wh.again", "").Directory("again").File("again/new", "y").File(".wh..wh.plnk", "")
            .Build());
        Assert.True(Status(path, "a/gone").IsWhiteout);
        Assert.Equal("y"u8.ToArray(), Xattr(path, "o"));
        // Removed and made again in one layer: what was in it below stays hidden.
        Assert.Equal("y"u8.ToArray(), Xattr(path, "again"));
        Assert.False(Path.Exists(Path.Combine(path, ".wh..wh.plnk")));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("./../outside")]
    public async Task RefusesNamesThatLeaveTheRoot(string name) => await RefusedAsync(new TarBuilder().File(name, "x"));

    [Theory]
    [InlineData(".wh..")]
    [InlineData(".wh...")]
    [InlineData(".wh.")]
    [InlineData("a/.wh...")]
    public async Task RefusesWhiteoutsOfDirectoriesAbove(string name) => await RefusedAsync(new TarBuilder().Directory("a").File(name, ""));

    [Fact]
    public async Task RefusesHardLinksOut()
    {
        await RefusedAsync(new TarBuilder().HardLink("x", "../../../etc/passwd"));
        await RefusedAsync(new TarBuilder().HardLink("x", "/etc/passwd"));
        await RefusedAsync(new TarBuilder().Symlink("l", "/etc").HardLink("x", "l/passwd"));
        await RefusedAsync(new TarBuilder().Directory("d").HardLink("x", "d"));
    }

    [Fact]
    public async Task LinksOnTheWayStayInside()
    {
        var outside = Path.Combine(_store.Root, "outside");
        Directory.CreateDirectory(outside);
        var path = await _store.UnpackAsync(_lease, new TarBuilder().File("/etc/absolute", "1").Symlink("l", outside).File("l/f", "2").Symlink("up", "../../../../..").File("up/g", "3").Build());
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal("1", File.ReadAllText(Path.Combine(path, "etc/absolute")));
        Assert.Equal("2", File.ReadAllText(path + outside + "/f"));
        Assert.Equal("3", File.ReadAllText(Path.Combine(path, "g")));
    }

    [Fact]
    public async Task ReplacedDirectoriesAreNotWrittenInto()
    {
        var outside = Path.Combine(_store.Root, "outside");
        Directory.CreateDirectory(outside);
        // The directory is open and known when the link takes its place.
        var path = await _store.UnpackAsync(_lease, new TarBuilder().Directory("d").File("d/one", "1").Symlink("d", outside).File("d/two", "2").Build());
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal("2", File.ReadAllText(path + outside + "/two"));
    }

    [Fact]
    public async Task RefusesLoopsOfLinks() => await RefusedAsync(new TarBuilder().Symlink("a", "b").Symlink("b", "a").File("a/f", "x"));

    [Fact]
    public async Task LaterEntriesReplaceEarlierOnes()
    {
        var path = await _store.UnpackAsync(_lease, new TarBuilder().File("f", "1").File("f", "2").Directory("g").File("g/x", "").File("g", "file").Symlink("s", "f").File("s", "3").Build());
        Assert.Equal("2", File.ReadAllText(Path.Combine(path, "f")));
        Assert.Equal("file", File.ReadAllText(Path.Combine(path, "g")));
        Assert.Equal("3", File.ReadAllText(Path.Combine(path, "s")));
    }

    [Fact]
    public async Task RefusesDamagedArchives()
    {
        var good = new TarBuilder().File("f", new string('x', 5000)).Build();
        await RefusedAsync(good[..2000]);
        await RefusedAsync([.. good[..100], 0xFF, .. good[101..]]);
        await RefusedAsync(new TarBuilder().Add("f", '0', [], size: 1L << 40).Build());
        await RefusedAsync(new TarBuilder().Add("f", 'Z', []).Build());
        await RefusedAsync(new TarBuilder().Add("f", 'x', [], size: 1L << 30).Build());
        await RefusedAsync(new TarBuilder().File("f", "", pax: [("size", "-1")]).Build());
        await RefusedAsync(new TarBuilder().File("f", "", pax: [("uid", "4294967295")]).Build());
        using var gzip = new MemoryStream();
        using (var writer = new global::System.IO.Compression.GZipStream(gzip, global::System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            writer.Write(new TarBuilder().Add("f", '0', global::System.Security.Cryptography.RandomNumberGenerator.GetBytes(5000)).Build());
        await RefusedAsync(gzip.ToArray()[..3000]);
        await RefusedAsync([0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3]);
        await RefusedAsync("BZh91AY&SY"u8.ToArray());
    }

    [Fact]
    public async Task RefusesBombs()
    {
        // A zstd frame can expand zeros far beyond what any image does.
        using var compressor = new ZstdSharp.Compressor(19);
        var zeros = new byte[256 << 20];
        new TarBuilder().Add("f", '0', [], size: zeros.Length - 2048).Build().AsSpan(0, 512).CopyTo(zeros);
        await RefusedAsync(compressor.Wrap(zeros).ToArray());
    }

    [Fact]
    public async Task AWrongDiffIdLeavesNothing()
    {
        var archive = new TarBuilder().File("f", "x").Build();
        var error = await Assert.ThrowsAsync<GantryException>(() => _store.Content.Layers.UnpackAsync(Digest.OfSha256(new byte[32]), new MemoryStream(archive), null, CancellationToken.None));
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Content.Layers.Root));
    }

    [Theory]
    [InlineData("--format=gnu --sparse")]
    [InlineData("--format=pax --sparse --sparse-version=1.0")]
    [InlineData("--format=pax --sparse --sparse-version=0.1")]
    [InlineData("--format=pax --sparse --sparse-version=0.0")]
    [InlineData("--format=pax --xattrs -z")]
    [InlineData("--format=gnu --zstd")]
    [InlineData("--format=v7 --exclude=*long* --exclude=*pipe")]
    public async Task ReadsWhatGnuTarWrites(string options)
    {
        var source = Path.Combine(_store.Root, "source");
        (await Command.RunAsync("bash", ["-c", $"""
            set -e; mkdir -p {source}/sub; cd {source}
            head -c 300000 /dev/urandom > data; printf 'start' > holes; truncate -s 5M holes; printf 'end' >> holes; truncate -s 40M holes
            mkdir -p sub/$(printf 'long%.0s' $(seq 40))/$(printf 'name%.0s' $(seq 40)); (cd sub/long*/name*; echo deep > f); ln -s "$(printf 'x%.0s' $(seq 150))" sub/longlink
            echo a > $'sub/n\xffn-utf8'; ln data sub/hard; mkfifo sub/pipe; chmod 1777 sub; touch -d '2001-02-03 04:05:06.789 UTC' data; chown 12:34 data
            tar -cf ../t.tar {options} .
            """])).Succeeded();
        using var layer = await _store.Content.Layers.UnpackAsync(null, File.OpenRead(Path.Combine(_store.Root, "t.tar")), null, CancellationToken.None);
        var blob = _store.Content.Blobs.Add([1], _lease);
        var path = _store.Content.Layers.PathOf(_store.Content.Layers.Place(layer, [], blob, () => throw new InvalidOperationException(), CancellationToken.None));
        const string List = "find . -printf '%P %y %m %U:%G %s %Ts %l\\n' | LC_ALL=C sort | sed '/ d /s/ [0-9]* \\([0-9]*\\) $/ \\1/'; find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum";
        var excluded = options.Contains("exclude", StringComparison.Ordinal);
        var expected = (await Command.RunAsync("bash", ["-c", $"cd {source}; {(excluded ? "rm -rf sub/*long* sub/pipe;" : "")} {List}"])).Output;
        var actual = (await Command.RunAsync("bash", ["-c", $"cd {path}; {List}"])).Output;
        if (excluded)
            (expected, actual) = (Without(expected), Without(actual));
        Assert.Equal(expected, actual);
        if (options.Contains("sparse", StringComparison.Ordinal))
            Assert.True(Status(path, "holes").AllocatedBytes < 1 << 20, "holes stay holes");

        // Removing the names changed the directory's time.
        static string Without(string text) => string.Join('\n', text.Split('\n').Where(l => !l.StartsWith("sub d", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task DirectoriesWithoutEntryAreAsBelow()
    {
        var lower = new TarBuilder().Directory("a", mode: 0x1C0, uid: 7, gid: 8).Directory("a/b", mode: 0x3FF).File("a/b/x", "1").Build();
        var upper = new TarBuilder().File("a/b/y", "2").Build();
        var stack = await _store.StackAsync(_lease, lower, upper);
        var path = _store.Content.Layers.PathOf(stack[1]);
        Assert.Equal((0x1C0u, 7u, 8u), (Status(path, "a").Permissions, Status(path, "a").Uid, Status(path, "a").Gid));
        Assert.Equal(0x3FFu, Status(path, "a/b").Permissions);
        Assert.NotNull(stack[1].ChainId);
        // On another stack it is another directory.
        var other = await _store.StackAsync(_lease, new TarBuilder().Directory("a", mode: 0x1FF).Build(), upper);
        Assert.NotEqual(stack[1].Directory, other[1].Directory);
        Assert.Equal(0x1FFu, Status(_store.Content.Layers.PathOf(other[1]), "a").Permissions);
    }

    [Fact]
    public async Task LinksAndHardLinksIntoLowerLayers()
    {
        var lower = new TarBuilder().Directory("usr").Directory("usr/lib", mode: 0x1E8).Symlink("lib", "usr/lib").File("usr/lib/so", "code", mode: 0x1ED, uid: 9).Build();
        var upper = new TarBuilder().File("lib/more", "2").HardLink("lib/alias", "usr/lib/so").Build();
        var stack = await _store.StackAsync(_lease, lower, upper);
        var path = _store.Content.Layers.PathOf(stack[1]);
        Assert.False(Path.Exists(Path.Combine(path, "lib")));
        Assert.Equal("2", File.ReadAllText(Path.Combine(path, "usr/lib/more")));
        Assert.Equal("code", File.ReadAllText(Path.Combine(path, "usr/lib/alias")));
        Assert.Equal((0x1EDu, 9u, 2u), (Status(path, "usr/lib/so").Permissions, Status(path, "usr/lib/so").Uid, Status(path, "usr/lib/so").Links));
        Assert.Equal(0x1E8u, Status(path, "usr/lib").Permissions);
    }

    private static InodeStatus Status(string root, string path)
    {
        Assert.Equal(0, Inodes.Status(null, [.. Encoding.UTF8.GetBytes(Path.Combine(root, path)), 0], out var status));
        return status;
    }

    private static byte[]? Xattr(string root, string path)
    {
        using var directory = LayerStore.OpenDirectory(root);
        return Xattrs.Find(directory, [.. Encoding.UTF8.GetBytes(path), 0], OverlayMarks.Opaque);
    }

    private Task RefusedAsync(TarBuilder archive) => RefusedAsync(archive.Build());

    private async Task RefusedAsync(byte[] archive)
    {
        var error = await Assert.ThrowsAsync<GantryException>(() => _store.StackAsync(_lease, archive));
        Assert.True(error.Kind is ErrorKind.Invalid or ErrorKind.NotSupported or ErrorKind.Exhausted, error.ToString());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Content.Layers.Root));
        Assert.False(Path.Exists(Path.Combine(_store.Root, "outside")));
    }
}
