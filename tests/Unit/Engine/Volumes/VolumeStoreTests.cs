using System.Diagnostics;
using Gantry.Engine.Volumes;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Volumes;

public sealed class VolumeStoreTests : IDisposable
{
    private readonly string _scratch = Directory.CreateTempSubdirectory("gantry-test-volumes-").FullName;
    private readonly VolumeStore _store;

    public VolumeStoreTests() => _store = VolumeStore.Open(_scratch + "/volumes", TimeProvider.System);

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    private Fd Image(string script)
    {
        Directory.CreateDirectory(_scratch + "/image");
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-e", "-c", script]) { WorkingDirectory = _scratch + "/image" })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return Files.Open(_scratch + "/image", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    }

    private static string Tree(string directory)
    {
        using var find = Process.Start(new ProcessStartInfo("/usr/bin/find", [".", "-printf", "%p %y %m %s %l %n\n"]) { WorkingDirectory = directory, RedirectStandardOutput = true })!;
        var lines = find.StandardOutput.ReadToEnd().Split('\n').Where(line => line.Length > 0 && !line.StartsWith(". ", StringComparison.Ordinal)).Select(line => line.Contains(" d ", StringComparison.Ordinal) ? string.Join(' ', line.Split(' ').Take(3)) : line);
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AnonymousOnesAreLabelled()
    {
        Assert.Equal("", _store.Ensure(null, new Dictionary<string, string> { ["a"] = "b" }, null, null, out _).Labels["com.docker.volume.anonymous"]);
        Assert.Empty(_store.Ensure("named", null, null, null, out _).Labels);
    }

    /// <summary>As Docker counts: bytes of files with their holes, every file once, no directories.</summary>
    [Fact]
    public void TheSizeIsThatOfTheFiles()
    {
        var root = _store.Ensure("data", null, null, null, out _).Mountpoint;
        Directory.CreateDirectory(root + "/d");
        File.WriteAllText(root + "/small", "hi\n");
        File.CreateSymbolicLink(root + "/d/sym", "small");
        using (var sparse = File.Open(root + "/d/sparse", FileMode.Create))
            sparse.SetLength(1_000_000);
        using (var link = Process.Start("ln", [root + "/small", root + "/d/hard"]))
            link.WaitForExit();
        Assert.Equal(1_000_008, _store.SizeOf("data"));
    }

    [Fact]
    public void Volume_IsMadeOnceKeptAndRemoved()
    {
        var made = _store.Ensure("data", new Dictionary<string, string> { ["k"] = "v" }, null, null, out var created);
        Assert.True(created);
        Assert.Equal(_scratch + "/volumes/data/_data", made.Mountpoint);
        Assert.True(Directory.Exists(made.Mountpoint));
        var again = VolumeStore.Open(_scratch + "/volumes", TimeProvider.System).Ensure("data", null, null, null, out created);
        Assert.False(created);
        Assert.Equal("v", again.Labels["k"]);
        Assert.Equal(made.CreatedAt, again.CreatedAt);
        var anonymous = _store.Ensure(null, null, null, null, out _);
        Assert.Matches("^[0-9a-f]{64}$", anonymous.Name);
        Assert.True(_store.Find(anonymous.Name)!.Anonymous);
        Assert.Equal(2, _store.List().Count);
        Assert.True(_store.Remove("data"));
        Assert.False(_store.Remove("data"));
        Assert.Null(_store.Find("data"));
        Assert.Single(Directory.GetFileSystemEntries(_scratch + "/volumes"));
    }

    [Fact]
    public void TheMappingOfItsIdsIsKept()
    {
        // To oneself, so that it needs no rights to give the directory away.
        var me = Files.Status(null, _scratch);
        var ids = new IdMap([new IdMapping { HostID = me.Uid, Size = 65536 }, new IdMapping { ContainerID = 65536, HostID = 4000000000, Size = 5 }], [new IdMapping { HostID = me.Gid, Size = 7 }]);
        _store.Ensure("mapped", null, null, ids, out _);
        Assert.True(_store.Find("mapped")!.Ids.IsSame(ids));
        _store.Ensure("plain", null, null, null, out _);
        Assert.True(_store.Find("plain")!.Ids.IsIdentity);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("-x")]
    [InlineData("x")]
    [InlineData("")]
    public void BadName_IsRefused(string name)
    {
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => _store.Ensure(name, null, null, null, out _)).Kind);
        Assert.Null(_store.Find(name));
        Assert.False(_store.Remove(name));
    }

    [Fact]
    public void Options_AreRefused() =>
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<GantryException>(() => _store.Ensure("data", null, new Dictionary<string, string> { ["type"] = "nfs" }, null, out _)).Kind);

    [Fact]
    public void CopyUp_KeepsEverything()
    {
        using var image = Image("mkdir -p srv/sub/deep; echo hello > srv/file; chmod 4751 srv/file; ln srv/file srv/sub/deep/hard; ln -s ../file srv/sub/soft; ln -s /etc/passwd srv/abs; mkfifo srv/pipe; touch -d 2001-02-03 srv/sub; truncate -s 1M srv/holes; chmod 2770 srv/sub; chmod 1777 srv");
        var volume = _store.Ensure("data", null, null, null, out _);
        Assert.True(_store.CopyUp(volume, image, "/srv"));
        Assert.Equal(Tree(_scratch + "/image/srv"), Tree(volume.Mountpoint));
        Assert.Equal("hello\n", File.ReadAllText(volume.Mountpoint + "/sub/deep/hard"));
        Assert.Equal(File.GetUnixFileMode(_scratch + "/image/srv"), File.GetUnixFileMode(volume.Mountpoint));
        Assert.Equal(new DateTime(2001, 2, 3), Directory.GetLastWriteTime(volume.Mountpoint + "/sub"));
        Assert.False(_store.CopyUp(volume, image, "/srv"));
    }

    [Fact]
    public void CopyUp_FollowsNoLinkOut()
    {
        File.WriteAllText(_scratch + "/secret", "x");
        using var image = Image($"mkdir inside; echo in > inside/f; ln -s {_scratch} out; ln -s /inside in");
        var volume = _store.Ensure("data", null, null, null, out _);
        // The link is resolved inside the image's root, where there is no such directory.
        Assert.False(_store.CopyUp(volume, image, "/out"));
        Assert.Empty(Directory.GetFileSystemEntries(volume.Mountpoint));
        Assert.False(_store.CopyUp(volume, image, "/../../../nothing"));
        Assert.True(_store.CopyUp(volume, image, "/in"));
        Assert.Equal("in\n", File.ReadAllText(volume.Mountpoint + "/f"));
    }

    [Fact]
    public void CopyUp_OfAnEmptyDirectory_TakesItsMode()
    {
        using var image = Image("mkdir -m 700 d");
        var volume = _store.Ensure("data", null, null, null, out _);
        Assert.True(_store.CopyUp(volume, image, "/d"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(volume.Mountpoint));
    }

    [Fact]
    public void VeryDeepTrees_AreRefused_AndRemoved()
    {
        using var image = Image("d=.; i=0; while [ $i -lt 450 ]; do mkdir e; cd -P e; i=$((i+1)); done");
        var volume = _store.Ensure("data", null, null, null, out _);
        Assert.Equal(ErrorKind.Invalid, Assert.Throws<GantryException>(() => _store.CopyUp(volume, image, "/")).Kind);
        Assert.Empty(Directory.GetFileSystemEntries(volume.Mountpoint));
        Directory.Move(_scratch + "/image/e", volume.Mountpoint + "/e");
        Assert.True(_store.Remove("data"));
        Assert.Empty(Directory.GetFileSystemEntries(_scratch + "/volumes"));
    }

    [Fact]
    public void Leftovers_GoAtOpen()
    {
        Directory.CreateDirectory(_scratch + "/volumes/.new-x/_data/y");
        Directory.CreateDirectory(_scratch + "/volumes/.gone-1/z");
        Assert.Empty(VolumeStore.Open(_scratch + "/volumes", TimeProvider.System).List());
        Assert.Empty(Directory.GetFileSystemEntries(_scratch + "/volumes"));
    }
}
