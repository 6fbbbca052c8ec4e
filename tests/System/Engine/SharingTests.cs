using Gantry.Engine.Containers;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Xunit;
using static Gantry.Kernel.Sys.MountFlags;

namespace Gantry.Tests.System.Engine;

/// <summary>What containers share with each other and with the host: IPC, and mounts that propagate.</summary>
public sealed class SharingTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private ContainerOperations Containers => _host.Engine.Containers;

    private string ShmRoot => Path.Combine(_host.ExecRoot, "shm");

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task LinksGoToTheContainerWhoseNetworkIsShared()
    {
        var host = await OnNetworkAsync("host");
        var bridged = await OnNetworkAsync("bridge");
        foreach (var name in (string[])[host, await OnNetworkAsync($"container:{host}")])
        {
            var refused = await Assert.ThrowsAsync<GantryException>(() => OnNetworkAsync("bridge", $"{name}:tester"));
            Assert.Equal((ErrorKind.Invalid, "conflicting options: host type networking can't be used with links. This would result in undefined behavior"), (refused.Kind, refused.Message));
        }

        var linked = await Containers.InspectAsync(await OnNetworkAsync("bridge", $"{await OnNetworkAsync($"container:{bridged}")}:tester"), false, Token);
        Assert.Equal([$"{(await Containers.InspectAsync(bridged, false, Token)).Name}:{linked.Name}/tester"], linked.HostConfig!.Links);
    }

    [Fact]
    public async Task PortsAreNotExposedInTheNetworkOfAnother()
    {
        var donor = await OnNetworkAsync("bridge");
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.CreateAsync("true", spec => spec with
        {
            Config = spec.Config with { ExposedPorts = new Dictionary<string, EmptyObject> { ["5000/tcp"] = new() } },
            HostConfig = new HostConfig { NetworkMode = $"container:{donor}" },
        }));
        Assert.Equal("conflicting options: port exposing and the container type network mode", refused.Message);
    }

    [Fact]
    public async Task AnonymousVolumesGoWithTheLastWhoHasThemFromAnother()
    {
        var donor = await _host.CreateAsync("true", spec => spec with
        {
            Config = spec.Config with { Volumes = new Dictionary<string, EmptyObject> { ["/made"] = new() } },
            HostConfig = spec.HostConfig! with { Binds = ["named:/named"] },
        });
        var heir = await _host.CreateAsync("true", spec => spec with { HostConfig = spec.HostConfig! with { VolumesFrom = [donor] } });
        await Containers.RemoveAsync(donor, new RemoveRequest(Volumes: true), Token);
        Assert.Equal(2, (await _host.Engine.Volumes.ListAsync(Gantry.Engine.Operations.Filters.None, Token)).Volumes!.Count);
        await Containers.RemoveAsync(heir, new RemoveRequest(Volumes: true), Token);
        Assert.Equal("named", Assert.Single((await _host.Engine.Volumes.ListAsync(Gantry.Engine.Operations.Filters.None, Token)).Volumes!).Name);
    }

    [Fact]
    public async Task WhoseNetworkIsSharedMayBeMadeLater()
    {
        var early = await OnNetworkAsync("container:later");
        Assert.Equal("container:later", (await Containers.InspectAsync(early, false, Token)).HostConfig!.NetworkMode);
        Assert.Equal(ErrorKind.NotFound, (await Assert.ThrowsAsync<GantryException>(() => Containers.StartAsync(early, Token))).Kind);
        foreach (var host in new HostConfig[] { new() { PidMode = "container:later" }, new() { IpcMode = "container:later" } })
        {
            var refused = await Assert.ThrowsAsync<GantryException>(() => _host.CreateAsync("true", spec => spec with { HostConfig = host }));
            Assert.Equal((ErrorKind.Invalid, "No such container: later"), (refused.Kind, refused.Message));
        }
        var later = await _host.CreateAsync("sleep 1000", spec => spec with { Name = "later" });
        await Containers.StartAsync(later, Token);
        Assert.Equal(0, await _host.RunAsync(early));
        Assert.Equal($"container:{later}", (await Containers.InspectAsync(early, false, Token)).HostConfig!.NetworkMode);
    }

    [Fact]
    public async Task NetworksAreSharedAlongAChain()
    {
        var first = await _host.CreateAsync("sleep 1000", spec => spec with { HostConfig = new HostConfig { NetworkMode = "bridge" } });
        var second = await _host.CreateAsync("sleep 1000", spec => spec with { HostConfig = new HostConfig { NetworkMode = $"container:{first}" } });
        foreach (var donor in (string[])[first, second])
            await Containers.StartAsync(donor, Token);
        var third = await _host.CreateAsync("cat /etc/hosts", spec => spec with { HostConfig = new HostConfig { NetworkMode = $"container:{second}" } });
        Assert.Equal(0, await _host.RunAsync(third));
        Assert.Contains(first[..12], await _host.LogsAsync(third), StringComparison.Ordinal);

        // Who never ran can name each other.
        var one = await OnNetworkAsync("container:other");
        await _host.CreateAsync("true", spec => spec with { Name = "other", HostConfig = new HostConfig { NetworkMode = $"container:{one}" } });
        await _host.CreateAsync("true", spec => spec with { HostConfig = new HostConfig { NetworkMode = "bridge", Links = [$"{one}:x"] } });
        foreach (var stuck in (string[])[one, "other"])
            Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<GantryException>(() => Containers.StartAsync(stuck, Token))).Kind);
    }

    private Task<string> OnNetworkAsync(string mode, params string[] links) =>
        _host.CreateAsync("true", spec => spec with { HostConfig = new HostConfig { NetworkMode = mode, Links = links.Length == 0 ? null : links } });

    [Fact]
    public async Task SharedMemoryIsSeenByThoseThatJoin()
    {
        var donor = await StartedAsync("echo from the donor > /dev/shm/note; sleep 1000", "shareable", shmBytes: 5 << 20);
        var joins = $"container:{donor}";
        Assert.Equal(0, await _host.RunAsync(await CreateAsync("until [ -s /dev/shm/note ]; do sleep 0.05; done; echo back > /dev/shm/answer", joins)));
        var reader = await CreateAsync("cat /dev/shm/answer; stat -f -c %b-%s /dev/shm", joins);
        Assert.Equal(0, await _host.RunAsync(reader));
        Assert.Equal("back\n1280-4096\n", await _host.LogsAsync(reader));

        var joined = await StartedAsync("sleep 1000", joins);

        // It is the donor's: an engine that dies leaves it, and it goes when the donor ends, also for those who come late.
        await _host.CloseAsync();
        await _host.OpenAsync();
        Assert.Equal(0, await _host.RunAsync(await CreateAsync("test -s /dev/shm/answer", joins)));
        var exec = await _host.Engine.Execs.CreateAsync(joined, new Gantry.Engine.Exec.ExecCreateSpec { Cmd = ["cat", "/dev/shm/note"], AttachStdout = true }, Token);
        await using (var output = (await _host.Engine.Execs.StartAsync(exec, new Gantry.Engine.Exec.ExecStartSpec(), Token))!)
            Assert.Equal("from the donor\n", await ContainerLifeTests.ReadFramesAsync(output));
        await Containers.StopAsync(donor, new StopRequest(TimeoutSeconds: 0), Token);
        await Eventually.HoldsAsync("the donor's memory is gone", () => Task.FromResult(!Directory.EnumerateFileSystemEntries(ShmRoot).Any()));
        Assert.DoesNotContain(MountTable.Read(), mount => mount.MountPoint.StartsWith(ShmRoot, StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<GantryException>(async () => await Containers.StartAsync(reader, Token));
        Assert.Equal($"failed to join IPC namespace: container {donor} is not running", refused.Message);
    }

    [Fact]
    public async Task PrivateMemoryIsNobodyElses()
    {
        var donor = await StartedAsync("sleep 1000", "private");
        var refused = await Assert.ThrowsAsync<GantryException>(async () => await Containers.StartAsync(await CreateAsync("true", $"container:{donor}"), Token));
        Assert.Equal($"failed to join IPC namespace: container {donor}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)", refused.Message);

        var none = await CreateAsync("test ! -e /dev/shm && echo none", "none");
        Assert.Equal(0, await _host.RunAsync(none));
        var file = $"/dev/shm/gantry-{Guid.NewGuid():n}";
        await File.WriteAllTextAsync(file, "the host's", Token);
        try
        {
            Assert.Equal(0, await _host.RunAsync(await CreateAsync($"test -s {file}", "host")));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task MountsTravelByTheirPropagation()
    {
        var source = Directory.CreateTempSubdirectory("gantry-shared-").FullName;
        Mounts.Mount("none", source, "tmpfs", 0);
        try
        {
            Mounts.Mount(null, source, null, MS_PRIVATE);
            foreach (var (propagation, kinds) in ((string, string)[])[("shared", "shared"), ("rslave", "shared or slave")])
            {
                var refused = await Assert.ThrowsAsync<GantryException>(async () => await Containers.StartAsync(await BoundAsync(source, propagation, "true"), Token));
                Assert.StartsWith($"path {source} is mounted on {source} but it is not a {kinds} mount", refused.Message, StringComparison.Ordinal);
            }

            Mounts.Mount(null, source, null, MS_SHARED);
            const string Waits = "echo ready; until [ -e /m/late/file ]; do sleep 0.05; done; echo seen";
            foreach (var propagation in (string[])["rslave", "rshared"])
            {
                var id = await BoundAsync(source, propagation, Waits);
                var end = await Containers.WaitAsync(id, WaitCondition.NextExit, Token);
                await Containers.StartAsync(id, Token);
                var late = Directory.CreateDirectory(Path.Combine(source, "late")).FullName;
                Mounts.Mount("none", late, "tmpfs", 0);
                await File.WriteAllTextAsync(Path.Combine(late, "file"), "", Token);
                Assert.Equal(0, (await end.Completion).StatusCode);
                Assert.EndsWith("seen\n", await _host.LogsAsync(id), StringComparison.Ordinal);
                Mounts.TryUnmount(late, MNT_DETACH);
            }
        }
        finally
        {
            while (Mounts.TryUnmount(source, MNT_DETACH) == 0)
            {
            }
            Directory.Delete(source, recursive: true);
        }
    }

    [Fact]
    public async Task ProcessesOfAStoppedContainerCannotBeJoined()
    {
        var donor = await _host.CreateAsync("true");
        var joins = await _host.CreateAsync("true", spec => spec with { HostConfig = spec.HostConfig! with { PidMode = $"container:{donor}" } });
        var refused = await Assert.ThrowsAsync<GantryException>(() => Containers.StartAsync(joins, Token));
        Assert.Equal((ErrorKind.Internal, $"failed to join PID namespace: container {donor} is not running"), (refused.Kind, refused.Message));
    }

    /// <summary>A container must not keep alive what the engine mounts: a bind of its data is a slave, or shared when that is asked for.</summary>
    [Fact]
    public async Task BindsOfTheDataRootAreSlaves()
    {
        var above = Path.GetDirectoryName(_host.DataRoot)!;
        foreach (var source in (string[])[_host.DataRoot, Path.Combine(_host.DataRoot, "containers"), above])
        {
            var id = await _host.CreateAsync("true", spec => spec with { HostConfig = spec.HostConfig! with { Binds = [$"{source}:/m"] } });
            Assert.Equal("rslave", Assert.Single((await Containers.InspectAsync(id, false, Token)).Mounts!).Propagation);
            Assert.Equal(0, await _host.RunAsync(id));
            var refused = await Assert.ThrowsAsync<GantryException>(() => BoundAsync(source, "private", "true"));
            Assert.Equal(ErrorKind.Invalid, refused.Kind);
            Assert.StartsWith("invalid mount config: must use either propagation mode \"rslave\" or \"rshared\" when mount source is within the daemon root", refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Clients before API 1.44 know read-only mounts that are not recursive only.</summary>
    [Theory]
    [InlineData(true, "rw")]
    [InlineData(false, "ro")]
    public async Task ReadOnlyBindsReachBelowUnlessTheClientIsOld(bool isOld, string access)
    {
        var source = Directory.CreateTempSubdirectory("gantry-below-").FullName;
        var below = Directory.CreateDirectory(Path.Combine(source, "below")).FullName;
        Mounts.Mount("none", below, "tmpfs", 0);
        try
        {
            var id = await _host.CreateAsync("grep ' /m/below ' /proc/self/mountinfo | cut -d' ' -f6 | cut -d, -f1", spec => spec with
            {
                HostConfig = spec.HostConfig! with { Binds = [$"{source}:/m:ro"] },
                KeepSubmountsWritable = isOld,
            });
            Assert.Equal(0, await _host.RunAsync(id));
            Assert.Equal($"{access}\n", await _host.LogsAsync(id));
        }
        finally
        {
            Mounts.TryUnmount(below, MNT_DETACH);
            Directory.Delete(source, recursive: true);
        }
    }

    [Fact]
    public async Task ControlGroupsAreWritableWhenAsked()
    {
        foreach (var (option, access) in ((string, string)[])[("writable-cgroups", "rw"), ("writable-cgroups=false", "ro")])
        {
            var id = await _host.CreateAsync("grep -m1 ' /sys/fs/cgroup/[a-z]* \\| - cgroup2 ' /proc/self/mountinfo | cut -d' ' -f6 | cut -d, -f1", spec => spec with
            {
                HostConfig = spec.HostConfig! with { SecurityOpt = [option] },
            });
            Assert.Equal(0, await _host.RunAsync(id));
            Assert.Equal($"{access}\n", await _host.LogsAsync(id));
        }
    }

    [Fact]
    public async Task LimitsThatTheHostCannotKeepAreWarnedOf()
    {
        // Whether this host can is its own affair: either way the create succeeds, and says what inspect shows.
        var created = await Containers.CreateAsync(
            new ContainerCreateSpec
            {
                Config = new ContainerConfig { Image = EngineHost.Image, Cmd = ["true"] },
                HostConfig = new HostConfig { NetworkMode = "none", BlkioWeight = 300 },
            },
            Token);
        var kept = (await Containers.InspectAsync(created.Id!, false, Token)).HostConfig!.BlkioWeight == 300;
        Assert.Equal(kept ? [] : ["Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded."], created.Warnings);
        Assert.Equal(!kept, (await _host.Engine.Report.InfoAsync(Token)).Warnings!.Any(static warning => warning.Contains("weight support", StringComparison.Ordinal)));
        Assert.Equal(0, await _host.RunAsync(created.Id!));
    }

    private Task<string> CreateAsync(string line, string ipcMode, long? shmBytes = null) =>
        _host.CreateAsync(line, spec => spec with { HostConfig = spec.HostConfig! with { IpcMode = ipcMode, ShmSize = shmBytes } });

    private async Task<string> StartedAsync(string line, string ipcMode, long? shmBytes = null)
    {
        var id = await CreateAsync(line, ipcMode, shmBytes);
        await Containers.StartAsync(id, Token);
        return id;
    }

    private Task<string> BoundAsync(string source, string propagation, string line) =>
        _host.CreateAsync(line, spec => spec with { HostConfig = spec.HostConfig! with { Binds = [$"{source}:/m:{propagation}"] } });
}
