using System.Net.NetworkInformation;
using Gantry.Engine;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>Containers whose users are others on the host, and an engine that is given other ranges while things are kept.</summary>
public sealed class RemapTests : IAsyncLifetime
{
    private readonly string _etc = Directory.CreateTempSubdirectory("gantry-etc-").FullName;
    private EngineHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync();
        File.SetUnixFileMode(_host.Root, (UnixFileMode)0x1C9);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_etc, recursive: true);
    }

    [Fact]
    public async Task VolumesKeepTheirMeaningUnderAnotherMapping()
    {
        var first = await CreateAsync("echo one > /v/one; mkdir /v/d; echo two > /v/d/two; chown 7:8 /v/d/two; chmod 600 /v/one", "keep");
        Assert.Equal(0, await _host.RunAsync(first));
        var data = Path.Combine(_host.DataRoot, "volumes/keep/_data");
        Assert.Equal((0u, 7u), (OwnerOf($"{data}/one"), OwnerOf($"{data}/d/two")));

        // Made without a mapping: on disk it stays as it is, also where the container writes.
        await ReopenAsync(300000);
        Assert.Equal("0 7 0\none\n", await RunAsync("echo $(stat -c %u /v/one /v/d/two /v); cat /v/one; echo three > /v/three; chown 9 /v/three", "keep"));
        Assert.Equal((0u, 7u, 9u), (OwnerOf($"{data}/one"), OwnerOf($"{data}/d/two"), OwnerOf($"{data}/three")));

        // Made with one, and seen through the next.
        Assert.Equal("", await RunAsync("echo four > /v/four; chown 5 /v/four", "mapped"));
        var mapped = Path.Combine(_host.DataRoot, "volumes/mapped/_data");
        Assert.Equal((300000u, 300005u), (OwnerOf(mapped), OwnerOf($"{mapped}/four")));
        await ReopenAsync(500000);
        Assert.Equal("5 four\n", await RunAsync("echo $(stat -c %u /v/four) $(cat /v/four); echo five > /v/five", "mapped"));
        Assert.Equal(300000u, OwnerOf($"{mapped}/five"));
        // The host's user namespace sees the host's numbers.
        Assert.Equal("300005\n", await RunAsync("stat -c %u /v/four", "mapped", host => host with { UsernsMode = "host" }));

        // A container's own files are its image's, whoever its users are.
        await _host.Engine.Containers.StartAsync(first, _host.Token);
    }

    [Fact]
    public async Task NamespacesThatAreSharedHaveOneRoot()
    {
        await ReopenAsync(300000);
        var donor = await _host.CreateAsync("echo up; sleep 1000", spec => spec with { HostConfig = spec.HostConfig! with { IpcMode = "shareable" } });
        await _host.StartAndWaitForAsync(donor, "up");
        var shared = $"container:{donor}";
        foreach (var (network, ipc, pid) in ((string?, string?, string?)[])[(shared, null, null), ("none", shared, null), ("none", null, shared), (shared, shared, shared)])
        {
            var id = await _host.CreateAsync("cat /proc/self/uid_map; touch /made; stat -c %u /made /proc/1; ls /proc/sys >/dev/null && echo done", spec => spec with { HostConfig = spec.HostConfig! with { NetworkMode = network, IpcMode = ipc, PidMode = pid } });
            Assert.Equal(0, await _host.RunAsync(id));
            Assert.Equal("0 300000 65536 0 0 done", string.Join(' ', (await _host.LogsAsync(id)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        }

        var links = new List<string?>();
        var joined = await _host.CreateAsync("echo up; sleep 1000", spec => spec with { HostConfig = spec.HostConfig! with { NetworkMode = shared } });
        await _host.StartAndWaitForAsync(joined, "up");
        foreach (var id in (string[])[donor, joined])
            links.Add(File.ResolveLinkTarget($"/proc/{(await _host.Engine.Containers.InspectAsync(id, false, _host.Token)).State!.Pid}/ns/user", false)?.Name);
        Assert.Equal(links[0], links[1]);

        var other = await _host.CreateAsync("sleep 1000", spec => spec with { HostConfig = spec.HostConfig! with { UsernsMode = "host" } });
        await _host.Engine.Containers.StartAsync(other, _host.Token);
        await RefusedAsync(spec => spec with { HostConfig = spec.HostConfig! with { NetworkMode = $"container:{other}" } }, "has other user ids on the host");
        await RefusedAsync(spec => spec with { HostConfig = spec.HostConfig! with { NetworkMode = shared, PidMode = $"container:{other}" } }, "has other user ids on the host");

    }

    [Fact]
    public async Task AClosedWayToTheBundlesIsTold()
    {
        await _host.CloseAsync();
        File.SetUnixFileMode(_host.Root, (UnixFileMode)0x1C0);
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.OpenAsync(With(300000)));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains($"chmod o+x {_host.Root}", refused.Message, StringComparison.Ordinal);
        await _host.OpenAsync(static options => options);
    }

    public static TheoryData<string> StartPoints => [.. FaultPointTests.PointsOfSource().Where(static point => point.StartsWith("start.", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(StartPoints))]
    public async Task AStartThatFailsLeavesNothing(string point)
    {
        await _host.CloseAsync();
        var remapped = With(300000);
        await _host.OpenAsync(options => remapped(options) with { EnableIPv6 = true });
        // Endpoints that are ready are for others: the bridge makes them whoever comes.
        await Eventually.HoldsAsync("endpoints are ready", () => Task.FromResult(NetworkInterface.GetAllNetworkInterfaces().Count(link => link.Name.StartsWith(_host.KernelNames.InterfacePrefix, StringComparison.Ordinal)) == 2));
        // What is made once for an image, and kept.
        await _host.Engine.Containers.RemoveAsync(await _host.CreateAsync("true"), new RemoveRequest(Force: true, Volumes: true), _host.Token);
        var nothing = await Traces.TakeAsync(_host, _host.Token);
        var id = await _host.CreateAsync("sleep 1000", spec => spec with
        {
            HostConfig = new HostConfig { IpcMode = "shareable", PortBindings = new Dictionary<string, IReadOnlyList<PortBinding>?> { ["80/tcp"] = [new PortBinding()] } },
        });
        var created = await Traces.TakeAsync(_host, _host.Token);
        FailPoint.Arm(point);
        var failure = await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Containers.StartAsync(id, _host.Token));
        FailPoint.Arm(null);
        Assert.Contains($"failpoint {point}", failure.Message, StringComparison.Ordinal);
        await created.AreAllThatIsLeftAsync(_host, _host.Token);
        await _host.Engine.Containers.StartAsync(id, _host.Token);
        await _host.Engine.Containers.RemoveAsync(id, new RemoveRequest(Force: true, Volumes: true), _host.Token);
        await nothing.AreAllThatIsLeftAsync(_host, _host.Token);
    }

    private static uint OwnerOf(string path) => Files.Status(null, path).Uid;

    private Func<EngineOptions, EngineOptions> With(int first)
    {
        foreach (var file in (string[])["subuid", "subgid"])
            File.WriteAllText(Path.Combine(_etc, file), $"dockremap:{first}:65536\n");
        return options => options with { UsernsRemap = "default", AccountFiles = _etc };
    }

    private async Task ReopenAsync(int first)
    {
        await _host.CloseAsync();
        await _host.OpenAsync(With(first));
    }

    private Task<string> CreateAsync(string line, string volume, Func<HostConfig, HostConfig>? more = null) => _host.CreateAsync(line, spec =>
    {
        var host = spec.HostConfig! with { Binds = [$"{volume}:/v"] };
        return spec with { HostConfig = more is null ? host : more(host) };
    });

    private async Task<string> RunAsync(string line, string volume, Func<HostConfig, HostConfig>? more = null)
    {
        var id = await CreateAsync(line, volume, more);
        Assert.Equal(0, await _host.RunAsync(id));
        return await _host.LogsAsync(id);
    }

    private async Task RefusedAsync(Func<ContainerCreateSpec, ContainerCreateSpec> more, string words)
    {
        var id = await _host.CreateAsync("true", more);
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Containers.StartAsync(id, _host.Token));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }
}
