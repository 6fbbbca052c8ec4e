using System.Net.NetworkInformation;
using Gantry.Engine;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>What an engine is told at its start, again while it runs, and what it leaves when it is to leave nothing.</summary>
public sealed class ConfigurationTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync(options => options with
    {
        Ulimits = [new() { Name = "nofile", Soft = 123, Hard = 456 }, new() { Name = "core", Soft = 7, Hard = 8 }],
        IpcMode = "shareable",
        CgroupNamespaceMode = "private",
        HostGateway = "10.1.2.3",
    });

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task DefaultsReachContainersThatNameNothing()
    {
        var id = await _host.CreateAsync("ulimit -n; ulimit -Hn; ulimit -c; cat /etc/hosts /proc/self/cgroup", spec => spec with
        {
            HostConfig = spec.HostConfig! with { Ulimits = [new() { Name = "core", Soft = 0, Hard = 0 }], ExtraHosts = ["up:host-gateway"] },
        });
        Assert.Equal(0, await _host.RunAsync(id));
        var lines = (await _host.LogsAsync(id)).Split('\n');
        Assert.Equal(["123", "456", "0"], lines[..3]);
        Assert.Contains("10.1.2.3\tup", lines);
        Assert.Contains(lines, line => line.EndsWith(":memory:/", StringComparison.Ordinal) || line == "0::/");
        var host = (await _host.Engine.Containers.InspectAsync(id, false, Token)).HostConfig!;
        Assert.Equal(("shareable", "private"), (host.IpcMode, host.CgroupnsMode));
    }

    [Fact]
    public async Task AReloadIsToldAndCountsFromThenOn()
    {
        var since = DateTimeOffset.UtcNow.AddSeconds(-1);
        _host.Engine.Reload(_host.Options with { DataRoot = "/elsewhere", Labels = ["zone=a"], ShmSizeBytes = 3 << 20, IpcMode = "private", InsecureRegistries = ["10.0.0.0/8", "r:5000"] });
        var info = await _host.Engine.Report.InfoAsync(Token);
        Assert.Equal(["zone=a"], info.Labels!);
        Assert.Equal(_host.DataRoot, info.DockerRootDir);
        Assert.Contains("10.0.0.0/8", info.RegistryConfig!.InsecureRegistryCIDRs!);
        Assert.False(info.RegistryConfig.IndexConfigs!["r:5000"]!.Secure);
        var created = (await _host.Engine.Containers.InspectAsync(await _host.CreateAsync("true"), false, Token)).HostConfig!;
        Assert.Equal((3L << 20, "private"), (created.ShmSize, created.IpcMode));

        var events = new List<EventMessage>();
        await foreach (var message in _host.Engine.Events.SubscribeAsync(since, DateTimeOffset.UtcNow.AddSeconds(1), Filters.Of(("type", "daemon")), Token))
            events.Add(message);
        var reload = Assert.Single(events);
        Assert.Equal(("reload", info.ID, "[\"zone=a\"]", info.Name), (reload.Action, reload.Actor!.ID, reload.Actor.Attributes!["labels"], reload.Actor.Attributes["name"]));
    }

    [Fact]
    public async Task TracesGoWithAnEngineWhoseContainersRun()
    {
        var id = await _host.CreateAsync("sleep 1000", spec => spec with { HostConfig = new HostConfig() });
        await _host.Engine.Containers.StartAsync(id, Token);
        await _host.CloseAsync();
        Assert.Contains(_host.KernelNames.BridgeName, Interfaces());
        await _host.Engine.RemoveTracesAsync();
        Assert.DoesNotContain(Interfaces(), name => name == _host.KernelNames.BridgeName || name.StartsWith(_host.KernelNames.InterfacePrefix, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Interfaces() => NetworkInterface.GetAllNetworkInterfaces().Select(link => link.Name);
}
