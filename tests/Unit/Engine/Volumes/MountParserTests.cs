using Gantry.Engine.Planning;
using Gantry.Engine.Volumes;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Volumes;

public sealed class MountParserTests
{
    private static IReadOnlyList<MountRequest> Binds(params string[] binds) => MountParser.Parse(new(), new() { Binds = binds });

    private static string Refused(HostConfig host) => Assert.Throws<GantryException>(() => MountParser.Parse(new(), host)).Message;

    [Theory]
    [InlineData("/a:/b", PlanMountKind.Bind, "/a", "/b", false)]
    [InlineData("/a/../c//d:/b/./e/:ro", PlanMountKind.Bind, "/c/d", "/b/e", true)]
    [InlineData("data:/b", PlanMountKind.Volume, "data", "/b", false)]
    [InlineData("data:/b:ro,nocopy", PlanMountKind.Volume, "data", "/b", true)]
    [InlineData("/b", PlanMountKind.Volume, null, "/b", false)]
    [InlineData("/b:ro", PlanMountKind.Volume, null, "/b", true)]
    public void Bind_IsRead(string text, PlanMountKind kind, string? source, string destination, bool readOnly)
    {
        var mount = Assert.Single(Binds(text));
        Assert.Equal((kind, source, destination, readOnly), (mount.Kind, mount.Source, mount.Destination, mount.ReadOnly));
        Assert.Equal(kind == PlanMountKind.Bind, mount.CreateSource);
    }

    [Fact]
    public void Bind_TakesPropagation() => Assert.Equal("rshared", Binds("/a:/b:rshared,z")[0].Propagation);

    [Theory]
    [InlineData("/a:/b:xx", "invalid mode: xx")]
    [InlineData("/a:/b:ro,rw", "invalid mode: ro,rw")]
    [InlineData("/a:/b:nocopy", "invalid mode: nocopy")]
    [InlineData("v1:/b:rshared", "invalid volume specification: 'v1:/b:rshared': invalid mount config for type \"volume\": field BindOptions must not be specified")]
    [InlineData("/a:/b:ro:x", "invalid volume specification: '/a:/b:ro:x'")]
    [InlineData(":/b", "invalid volume specification: ':/b'")]
    [InlineData("/a:", "invalid volume specification: '/a:'")]
    [InlineData("/a:b", "invalid volume specification: '/a:b': invalid mount config for type \"bind\": invalid mount path: 'b' mount path must be absolute")]
    [InlineData("/a:/", "invalid volume specification: '/a:/': invalid mount config: destination can't be '/'")]
    [InlineData("/a:/b/..", "invalid volume specification: '/a:/b/..': invalid mount config: destination can't be '/'")]
    [InlineData("x:/b", "volume name is too short, names should be at least two alphanumeric characters")]
    [InlineData("./a:/b", "\"./a\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path")]
    public void BadBind_IsRefusedInDockersWords(string text, string message) => Assert.Equal(message, Refused(new() { Binds = [text] }));

    [Fact]
    public void ADriverThatIsNotThere_IsNotFound()
    {
        var refused = Assert.Throws<GantryException>(() => MountParser.Parse(new(), new() { Mounts = [new() { Type = "volume", Target = "/a", VolumeOptions = new() { DriverConfig = new() { Name = "nfs" } } }] }));
        Assert.Equal((ErrorKind.NotFound, "error looking up volume plugin nfs: plugin \"nfs\" not found"), (refused.Kind, refused.Message));
    }

    [Fact]
    public void Mounts_AreSortedByDepth_AndDoubleOnesRefused()
    {
        Assert.Equal(["/b", "/a/b", "/a/b/c"], Binds("/x:/a/b/c", "/x:/b", "/x:/a/b").Select(mount => mount.Destination));
        Assert.Equal("Duplicate mount point: /b", Refused(new() { Binds = ["/x:/b", "/y:/b/"] }));
        Assert.Equal("Duplicate mount point: /b", Refused(new() { Binds = ["/x:/b"], Tmpfs = new Dictionary<string, string> { ["/b"] = "" } }));
    }

    [Fact]
    public void ImageVolumes_YieldToDeliberateMounts()
    {
        var volumes = new Dictionary<string, EmptyObject> { ["/data"] = new(), ["/logs"] = new() };
        var mounts = MountParser.Parse(new() { Volumes = volumes }, new() { Binds = ["/host:/data"] });
        Assert.Equal(["/data /host", "/logs "], mounts.Select(mount => $"{mount.Destination} {mount.Source}"));
    }

    [Fact]
    public void VolumesFrom_InheritsAndMakesReadOnly()
    {
        MountPoint[] donor = [new() { Type = "volume", Name = "v1", Destination = "/data", RW = true }, new() { Type = "bind", Source = "/h", Destination = "/h", RW = true, Propagation = "rprivate" }];
        var mounts = MountParser.Parse(new(), new() { VolumesFrom = ["db:ro"], Binds = ["/own:/h"] }, new Dictionary<string, IReadOnlyList<MountPoint>> { ["db:ro"] = donor });
        Assert.Equal(["/data v1 True", "/h /own False"], mounts.Select(mount => $"{mount.Destination} {mount.Source} {mount.ReadOnly}"));
        Assert.Equal("invalid mode: xx", Refused(new() { VolumesFrom = ["db:xx"] }));

        MountPoint[] other = [new() { Type = "volume", Name = "v2", Destination = "/data", RW = true }];
        mounts = MountParser.Parse(new(), new() { VolumesFrom = ["db", "later"] }, new Dictionary<string, IReadOnlyList<MountPoint>> { ["db"] = donor, ["later"] = other });
        Assert.Equal(["/data v2", "/h /h"], mounts.Select(mount => $"{mount.Destination} {mount.Source}"));
    }

    [Fact]
    public void Mount_OfEachType()
    {
        MountSpec[] specs =
        [
            new() { Type = "bind", Source = "/a", Target = "/b1", ReadOnly = true, BindOptions = new() { Propagation = "rslave", NonRecursive = true } },
            new() { Type = "volume", Source = "vol", Target = "/b2", VolumeOptions = new() { NoCopy = true, Subpath = "x/y", Labels = new Dictionary<string, string> { ["k"] = "v" } } },
            new() { Type = "tmpfs", Target = "/b3", TmpfsOptions = new() { SizeBytes = 65536, Mode = 448 } },
            new() { Type = "volume", Target = "/b4" },
        ];
        var mounts = MountParser.Parse(new(), new() { Mounts = specs });
        Assert.Equal(("/a", true, "rslave", true, false), (mounts[0].Source, mounts[0].ReadOnly, mounts[0].Propagation, mounts[0].NonRecursive, mounts[0].CreateSource));
        Assert.Equal(("vol", false, "x/y"), (mounts[1].Source, mounts[1].CopyUp, mounts[1].Subpath));
        Assert.Equal(["size=65536", "mode=700"], mounts[2].TmpfsOptions);
        Assert.Null(mounts[3].Source);
    }

    [Fact]
    public void BadMounts_AreAllNamedAtOnce()
    {
        MountSpec[] specs =
        [
            new() { Type = "bind", Target = "/b" },
            new() { Type = "bind", Source = "rel", Target = "/b" },
            new() { Type = "bind", Source = "/a", Target = "/b", VolumeOptions = new() },
            new() { Type = "tmpfs", Source = "/a", Target = "/b" },
            new() { Type = "volume", Source = "vol" },
            new() { Type = "image", Source = "x", Target = "/b", ImageOptions = new() { Subpath = "/x" } },
            new() { Type = "bind", Source = "/a", Target = "/b", BindOptions = new() { Propagation = "up" } },
            new() { Type = "volume", Source = "vol", Target = "/v", VolumeOptions = new() { Subpath = "../x" } },
        ];
        Assert.Equal(
            [
                "invalid mount config for type \"bind\": field Source must not be empty",
                "invalid mount config for type \"bind\": invalid mount path: 'rel' mount path must be absolute",
                "invalid mount config for type \"bind\": field VolumeOptions must not be specified",
                "invalid mount config for type \"tmpfs\": field Source must not be specified",
                "invalid mount config for type \"volume\": field Target must not be empty",
                "invalid mount config for type \"image\": subpath must be a relative path within the image",
                "invalid mount config for type \"bind\": invalid propagation mode: up",
                "invalid mount config for type \"volume\": subpath must be a relative path within the volume",
            ],
            Refused(new() { Mounts = specs }).Split('\n'));
    }

    [Fact]
    public void Tmpfs_ChecksOptions()
    {
        var mount = Assert.Single(MountParser.Parse(new(), new() { Tmpfs = new Dictionary<string, string> { ["/t"] = "rw,size=64m,mode=1777" } }));
        Assert.Equal(["rw", "size=64m", "mode=1777"], mount.TmpfsOptions);
        Assert.Equal("invalid tmpfs option [\"fly\"]", Refused(new() { Tmpfs = new Dictionary<string, string> { ["/t"] = "fly" } }));
    }
}
