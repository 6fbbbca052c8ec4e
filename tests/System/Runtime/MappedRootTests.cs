using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Gantry.Runtime;
using Xunit;

namespace Gantry.Tests.System.Runtime;

/// <summary>A root filesystem whose layers are seen through the container's id mappings, and stay on disk as they are.</summary>
public sealed class MappedRootTests : IDisposable
{
    private static readonly IdMapping s_mapping = new() { ContainerID = 0, HostID = 100000, Size = 65536 };
    private readonly Bundle _bundle = new();

    public MappedRootTests()
    {
        Directory.CreateDirectory(Store + "/layers");
        Directory.Move(_bundle.Rootfs, Layer);
        foreach (var directory in (string[])["/snapshots/upper", "/snapshots/work"])
            Directory.CreateDirectory(Store + directory);
        Directory.CreateDirectory(_bundle.Rootfs);
        foreach (var path in (string[])[_bundle.Path, _bundle.Rootfs, Layer, Layer + "/data", Upper])
            File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
        // Others have no way in: what reaches it does so by the mapping.
        File.SetUnixFileMode(Store, (UnixFileMode)0x1C0);
        File.WriteAllText(Layer + "/data/seed", "seed\n");
        File.WriteAllText(Layer + "/data/gone", "gone\n");
        File.SetUnixFileMode(Layer + "/data/seed", (UnixFileMode)0x180);
    }

    private string Store => _bundle.Path + "/store";

    private string Layer => Store + "/layers/a";

    private string Upper => Store + "/snapshots/upper";

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void LayersAreSeenAsTheImageMeansThem()
    {
        Assert.Equal("0 0 600\nseed\n100000", Run("stat -c '%u %g %a' /data/seed; cat /data/seed; cat /proc/self/uid_map | while read in out size; do echo $out; done"));
    }

    [Fact]
    public void WhatIsWrittenKeepsTheIdsInsideOnDisk()
    {
        Assert.Equal("0 0 0", Run("echo more >>/data/seed; echo made >/data/made; echo $(stat -c %u /data/seed /data/made /data)"));
        Assert.Equal(0u, Files.Status(null, Upper + "/data/made").Uid);
        Assert.Equal(0u, Files.Status(null, Upper + "/data/seed").Uid);
        Assert.Equal("seed\nmore\n", File.ReadAllText(Upper + "/data/seed"));
    }

    [Fact]
    public void TheLayersBelowStayAsTheyAre()
    {
        var before = Files.Status(null, Layer + "/data/seed");
        Assert.Equal("done", Run("echo more >>/data/seed; rm /data/gone; mkdir /data/new; echo done"));
        var after = Files.Status(null, Layer + "/data/seed");
        Assert.Equal((before.Inode, before.Uid, before.Mode), (after.Inode, after.Uid, after.Mode));
        Assert.Equal("seed\n", File.ReadAllText(Layer + "/data/seed"));
        Assert.True(File.Exists(Layer + "/data/gone"));
    }

    [Fact]
    public void MountPointsThatAreMissingBelongToTheContainersRoot()
    {
        var output = Run("stat -c %u /deep /deep/place", c => c with { Mounts = [.. c.Mounts, new RuntimeMount { Destination = "/deep/place", Type = "tmpfs", Source = "tmpfs" }] });
        Assert.Equal("0\n0", output);
        Assert.Equal(0u, Files.Status(null, Upper + "/deep").Uid);
    }

    [Fact]
    public void AnotherUserOfTheContainerIsThatUserOnDisk()
    {
        var output = Run("touch /tmp/mine && stat -c %u /tmp/mine", c => c with { Process = c.Process! with { User = new RuntimeUser { Uid = 1000, Gid = 1000 } } }, openTmp: true);
        Assert.Equal("1000", output);
        Assert.Equal(1000u, Files.Status(null, Upper + "/tmp/mine").Uid);
    }

    [Fact]
    public void AFileSystemWithoutMappedMountsIsRefusedInASentence()
    {
        // procfs knows none.
        var refused = Assert.Throws<GantryException>(() => Run("true", mapped: "/proc"));
        Assert.Equal(ErrorKind.NotSupported, refused.Kind);
        Assert.Contains("cannot be mounted with mapped ids", refused.Message, StringComparison.Ordinal);
    }

    private string Run(string script, Func<RuntimeConfig, RuntimeConfig>? change = null, bool openTmp = false, string? mapped = null)
    {
        if (openTmp)
            File.SetUnixFileMode(Layer + "/tmp", (UnixFileMode)0x3FF);
        var shell = Bundle.Shell(script);
        var config = shell with
        {
            Linux = shell.Linux! with { Namespaces = [.. shell.Linux.Namespaces!, new LinuxNamespace { Type = "user" }], UidMappings = [s_mapping], GidMappings = [s_mapping] },
        };
        var mount = new RootfsMount
        {
            Type = "overlay",
            Source = "overlay",
            Options = ["lowerdir=a", "upperdir=../snapshots/upper", "workdir=../snapshots/work", "index=off", "redirect_dir=off", "metacopy=off"],
            WorkingDirectory = Store + "/layers",
            MappedRoot = mapped ?? Store,
        };
        return _bundle.Run(change?.Invoke(config) ?? config, request => request with { RootfsMounts = [mount] }).Output.TrimEnd('\n');
    }
}
