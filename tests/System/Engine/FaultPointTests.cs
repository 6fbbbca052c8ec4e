using System.Net.NetworkInformation;
using System.Text.RegularExpressions;
using Gantry.Engine.Containers;
using Gantry.Engine.Exec;
using Gantry.Engine.Images;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Gantry.Tests.System.Images;
using Gantry.Tests.System.Store;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>Every operation, made to fail at every one of its steps: nothing is left, in the kernel, on disk or in the rows.</summary>
public sealed partial class FaultPointTests(FaultPointTests.Shared shared) : IClassFixture<FaultPointTests.Shared>
{
    /// <summary>How each operation is run, by the first word of its points.</summary>
    private static readonly Dictionary<string, Func<Shared, string, Task>> s_scenarios = new(StringComparer.Ordinal)
    {
        ["create"] = CreateAsync,
        ["start"] = StartAsync,
        ["stop"] = StopAsync,
        ["remove"] = RemoveAsync,
        ["rename"] = RenameAsync,
        ["exec"] = ExecAsync,
        ["pull"] = (shared, point) => FailsAsync(point, () => shared.Host.Engine.Images.PullAsync(ImageReference.Parse("x:1"), null, null, _ => { }, shared.Token)),
        ["load"] = (shared, point) => FailsAsync(point, () => shared.Host.Engine.Images.LoadAsync(Archive(), null, true, _ => { }, shared.Token)),
        ["import"] = (shared, point) => FailsAsync(point, () => shared.Host.Engine.Images.ImportAsync(
            new MemoryStream(new TarBuilder().File("g", "import").Build()), new ImageImportSpec { Reference = ImageReference.Parse("imported:1") }, _ => { }, shared.Token)),
    };

    /// <summary>The points as the source has them: one that is added needs no row here, but an operation of its own needs a scenario.</summary>
    public static TheoryData<string> Points => [.. PointsOfSource()];

    [Fact]
    public void EveryOperationHasAScenario()
    {
        Assert.Equal(s_scenarios.Keys.Order(StringComparer.Ordinal), PointsOfSource().Select(point => point.Split('.')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(PointsOfSource().Count, 28, 200); // the pattern still finds them
    }

    [Theory]
    [MemberData(nameof(Points))]
    public async Task NothingIsLeft(string point)
    {
        var before = await shared.SettledAsync();
        await s_scenarios[point.Split('.')[0]](shared, point);
        await before.AreAllThatIsLeftAsync(shared.Host, shared.Token);
    }

    internal static List<string> PointsOfSource() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Engine"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Point().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex("FailPoint\\.Hit\\(\"([a-z]+\\.[a-z]+)\"\\)")]
    private static partial Regex Point();

    private static async Task FailsAsync(string point, Func<Task> operation)
    {
        FailPoint.Arm(point);
        var failure = await Assert.ThrowsAnyAsync<GantryException>(operation);
        FailPoint.Arm(null);
        Assert.Contains($"failpoint {point}", failure.Message, StringComparison.Ordinal);
    }

    private static async Task CreateAsync(Shared shared, string point)
    {
        var made = Path.Combine(Path.GetTempPath(), $"gantry-made-{Guid.NewGuid():n}");
        ContainerCreateSpec Spec(ContainerCreateSpec spec) => spec with { Name = "web", HostConfig = new HostConfig { Binds = ["data:/data", $"{made}/below:/b"] } };
        await FailsAsync(point, () => shared.Host.CreateAsync("true", Spec));
        Assert.False(Directory.Exists(made));
        await shared.RemoveAsync(await shared.Host.CreateAsync("true", spec => spec with { Name = "web" })); // the name is free
    }

    private static async Task StartAsync(Shared shared, string point)
    {
        var id = await shared.PublishedAsync();
        var created = await shared.SettledAsync();
        await FailsAsync(point, () => shared.Containers.StartAsync(id, shared.Token));
        var state = (await shared.Containers.InspectAsync(id, false, shared.Token)).State!;
        Assert.Equal(("created", 128L, $"failpoint {point}"), (state.Status, state.ExitCode, state.Error));
        await created.AreAllThatIsLeftAsync(shared.Host, shared.Token);
        await shared.Containers.StartAsync(id, shared.Token); // nothing stands in the way of the next
        await shared.RemoveAsync(id);
    }

    private static async Task StopAsync(Shared shared, string point)
    {
        // It notices the signal and goes on, so that the engine must wait, and kill.
        var id = await shared.RunningAsync("trap 'echo no' TERM; echo ready; while :; do sleep 0.1; done");
        await FailsAsync(point, () => shared.Containers.StopAsync(id, new StopRequest(TimeoutSeconds: 0), shared.Token));
        await shared.Containers.StopAsync(id, new StopRequest(TimeoutSeconds: 0), shared.Token);
        Assert.Equal(("exited", 137L), await shared.StateAsync(id));
        await shared.RemoveAsync(id);
    }

    private static async Task RemoveAsync(Shared shared, string point)
    {
        var id = await shared.RunningAsync("echo ready; sleep 1000");
        await shared.Containers.StopAsync(id, new StopRequest(TimeoutSeconds: 0), shared.Token);
        if (point is "remove.mark" or "remove.row")
        {
            await FailsAsync(point, () => shared.RemoveAsync(id));
            await shared.RemoveAsync(id);
            return;
        }

        // Past the commit the client hears nothing of it; the next engine frees what the clean-up left.
        FailPoint.Arm(point);
        await shared.RemoveAsync(id);
        FailPoint.Arm(null);
        await Assert.ThrowsAsync<GantryException>(() => shared.Containers.InspectAsync(id, false, shared.Token));
        await shared.Host.CloseAsync();
        await shared.Host.OpenAsync();
    }

    private static async Task RenameAsync(Shared shared, string point)
    {
        var id = await shared.Host.CreateAsync("true", spec => spec with { Name = "old" });
        await FailsAsync(point, () => shared.Containers.RenameAsync("old", "new", shared.Token));
        Assert.Equal("/old", (await shared.Containers.InspectAsync("old", false, shared.Token)).Name);
        await shared.RemoveAsync(await shared.Host.CreateAsync("true", spec => spec with { Name = "new" }));
        await shared.RemoveAsync(id);
    }

    private static async Task ExecAsync(Shared shared, string point)
    {
        var id = await shared.RunningAsync("echo ready; sleep 1000");
        var running = await shared.SettledAsync();
        var exec = await shared.Host.Engine.Execs.CreateAsync(id, new ExecCreateSpec { Cmd = ["sleep", "1000"], AttachStdout = true }, shared.Token);
        await FailsAsync(point, () => shared.Host.Engine.Execs.StartAsync(exec, new ExecStartSpec(), shared.Token));
        var after = await shared.Host.Engine.Execs.InspectAsync(exec, shared.Token);
        Assert.Equal((false, 126L), (after.Running, after.ExitCode));
        await running.AreAllThatIsLeftAsync(shared.Host, shared.Token);
        await shared.RemoveAsync(id);
    }

    /// <summary>An image as <c>docker save</c> writes it.</summary>
    private static MemoryStream Archive()
    {
        var layer = new TarBuilder().File("h", "load").Build();
        var configuration = global::System.Text.Encoding.UTF8.GetBytes($$$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{{StoreFixture.DigestOf(layer)}}}"]}}""");
        var manifest = """[{"Config":"c.json","RepoTags":["loaded:1"],"Layers":["l.tar"]}]""";
        return new(new TarBuilder().File("manifest.json", manifest).Add("c.json", '0', configuration).Add("l.tar", '0', layer).Build());
    }

    /// <summary>One engine and one registry for all points.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        private readonly FakeRegistry _registry = new();

        internal EngineHost Host { get; private set; } = null!;

        internal ContainerOperations Containers => Host.Engine.Containers;

        internal CancellationToken Token => Host.Token;

        public async ValueTask InitializeAsync()
        {
            _registry.AddImage("library/x", "1", new TarBuilder().File("f", "pull").Build());
            Host = await EngineHost.StartAsync(options => options with { RegistryMirrors = [_registry.Url] });

            // What is made once for an image, and kept.
            await RemoveAsync(await RunningAsync("echo ready; sleep 1000"));
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await _registry.DisposeAsync();
        }

        /// <summary>The traces once they have come to rest: a warm endpoint that was taken is replaced in the background.</summary>
        internal async Task<Traces> SettledAsync()
        {
            const int Warm = 2; // BridgeOptions.WarmEndpoints
            await Eventually.HoldsAsync("warm endpoints were replaced", async () =>
            {
                var running = (await Containers.ListAsync(new ContainerListQuery(), Token)).Count;
                return NetworkInterface.GetAllNetworkInterfaces().Count(link => link.Name.StartsWith(Host.KernelNames.InterfacePrefix, StringComparison.Ordinal)) == Warm + running;
            });
            return await Traces.TakeAsync(Host, Token);
        }

        internal async Task<string> RunningAsync(string line)
        {
            var id = await PublishedAsync(line);
            await Containers.StartAsync(id, Token);
            await Eventually.HoldsAsync("it is ready", async () => (await Host.LogsAsync(id)).Contains("ready", StringComparison.Ordinal));
            return id;
        }

        internal Task<string> PublishedAsync(string line = "sleep 1000") => Host.CreateAsync(line, spec => spec with
        {
            HostConfig = new HostConfig
            {
                IpcMode = "shareable",
                PortBindings = new Dictionary<string, IReadOnlyList<PortBinding>?> { ["80/tcp"] = [new PortBinding { HostIp = "127.0.0.1" }] },
            },
        });

        internal Task RemoveAsync(string id) => Containers.RemoveAsync(id, new RemoveRequest(Force: true, Volumes: true), Token);

        internal async Task<(string, long)> StateAsync(string id)
        {
            var state = (await Containers.InspectAsync(id, false, Token)).State!;
            return (state.Status!, state.ExitCode!.Value);
        }
    }
}
