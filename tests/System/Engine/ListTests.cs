using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>Every filter of the list, and every condition of the wait.</summary>
public sealed class ListTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private ContainerOperations Containers => _host.Engine.Containers;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task ImagesMadeOnOthersAreFoundByThemAndHoldThem()
    {
        var images = _host.Engine.Images;
        var first = await CommitAsync(await _host.CreateAsync("true"), "first:1");
        var second = await CommitAsync(await _host.CreateAsync("true", OfImage("first:1")), "second:1");
        await _host.CreateAsync("true", spec => OfImage("second:1")(spec) with { Name = "lowest" });
        Assert.Contains("lowest", await ListAsync(all: true, ("ancestor", EngineHost.Image)), StringComparison.Ordinal);
        Assert.Contains("lowest", await ListAsync(all: true, ("ancestor", "first:1")), StringComparison.Ordinal);
        Assert.Equal("lowest", await ListAsync(all: true, ("ancestor", "second:1")));
        Assert.Equal("second:1", await ImagesAsync(("since", "first:1")));
        Assert.Equal($"{EngineHost.Image}", await ImagesAsync(("before", "first:1")));

        foreach (var container in await Containers.ListAsync(new ContainerListQuery { All = true }, Token))
            await Containers.RemoveAsync(container.Id!, new RemoveRequest(), Token);
        var held = await Assert.ThrowsAsync<GantryException>(() => images.RemoveAsync(first.ToString(), true, false, Token));
        Assert.Equal($"conflict: unable to delete {first.Short} (cannot be forced) - image has dependent child images", held.Message);
        Assert.Equal(["untagged first:1"], Told(await images.RemoveAsync("first:1", false, false, Token)));
        Assert.DoesNotContain(await images.ListAsync(new Gantry.Engine.Images.ImageListQuery(), Token), image => image.Id == first.ToString());
        Assert.Contains(await images.ListAsync(new Gantry.Engine.Images.ImageListQuery { All = true }, Token), image => image.Id == first.ToString());
        // The last one takes along what it alone was made on.
        var removed = Told(await images.RemoveAsync("second:1", false, false, Token));
        Assert.Equal(["untagged second:1", $"deleted {second}"], removed.Take(2));
        Assert.Contains($"deleted {first}", removed);
        Assert.Equal(EngineHost.Image, await ImagesAsync());

        Task<Digest> CommitAsync(string container, string name) =>
            _host.Engine.Commits.RunAsync(new Gantry.Engine.Commit.ContainerCommitSpec { Container = container, Reference = ImageReference.Parse(name) }, Token);
        async Task<string> ImagesAsync(params (string Key, string Value)[] filters) =>
            string.Join(' ', (await images.ListAsync(new Gantry.Engine.Images.ImageListQuery { Filters = Filters.Of(filters) }, Token)).SelectMany(static image => image.RepoTags!).Where(static tag => !tag.StartsWith("hello", StringComparison.Ordinal)));
        static Func<ContainerCreateSpec, ContainerCreateSpec> OfImage(string name) => spec => spec with { Config = spec.Config with { Image = name } };
        static List<string> Told(IEnumerable<ImageDeleteResponseItem> items) => [.. items.Select(static item => item.Untagged is { } name ? $"untagged {name}" : $"deleted {item.Deleted}")];
    }

    [Fact]
    public async Task FiltersChooseAsDockers()
    {
        var port = RegistryFixture.FreePort();
        var made = await _host.CreateAsync("true", spec => spec with { Name = "made", Config = spec.Config with { Labels = new Dictionary<string, string> { ["team"] = "red" } } });
        var failed = await _host.CreateAsync("exit 3", spec => spec with { Name = "failed" });
        await _host.RunAsync(failed);
        var up = await _host.CreateAsync("exec sleep 1000", spec => spec with
        {
            Name = "up",
            Config = spec.Config with { ExposedPorts = new Dictionary<string, EmptyObject> { ["90/udp"] = new() } },
            HostConfig = new HostConfig { Binds = ["data:/inside"], PortBindings = new Dictionary<string, IReadOnlyList<PortBinding>?> { ["80/tcp"] = [new PortBinding { HostIp = "127.0.0.1", HostPort = $"{port}" }] } },
        });
        await Containers.StartAsync(up, Token);
        var halted = await _host.CreateAsync("exec sleep 1000", spec => spec with { Name = "halted" });
        await Containers.StartAsync(halted, Token);
        await Containers.PauseAsync(halted, Token);

        Assert.Equal("halted up", await ListAsync(all: false));
        Assert.Equal("halted up failed made", await ListAsync(all: true));
        foreach (var (key, value, names) in ((string, string, string)[])
        [
            ("status", "created", "made"), ("status", "exited", "failed"), ("status", "running", "up"), ("status", "paused", "halted"), ("status", "dead", ""), ("status", "restarting", ""),
            ("exited", "3", "failed"), ("exited", "0", ""), ("name", "^/?ma", "made"), ("name", "e", "halted failed made"), ("id", up[..12], "up"), ("label", "team", "made"), ("label", "team=red", "made"),
            ("label", "team=blue", ""), ("before", "up", "failed made"), ("since", "failed", "halted up"), ("ancestor", EngineHost.Image, "halted up failed made"), ("ancestor", "nosuch", ""),
            ("network", "bridge", "up"), ("network", "none", "halted failed made"), ("volume", "data", "up"), ("volume", "/inside", "up"), ("volume", "other", ""),
            ("expose", "80", "up"), ("expose", "90/udp", "up"), ("expose", "89-91/udp", "up"), ("expose", "90", ""), ("publish", $"{port}", "up"), ("publish", $"{port}/udp", ""), ("publish", "80", ""),
            ("health", "none", "halted up failed made"), ("health", "healthy", ""), ("is-task", "false", "halted up failed made"), ("is-task", "true", ""), ("isolation", "default", "halted up failed made"),
        ])
            Assert.Equal($"{key}={value}: {names}", $"{key}={value}: {await ListAsync(all: true, (key, value))}");
        Assert.Equal("up", await ListAsync(all: true, ("publish", $"{port}"), ("expose", "1")));
        Assert.Equal("failed made", await ListAsync(all: true, ("status", "created"), ("status", "exited")));
        Assert.Equal("", await ListAsync(all: true, ("status", "created"), ("exited", "3")));

        Assert.Equal(ErrorKind.NotFound, (await Assert.ThrowsAsync<GantryException>(() => ListAsync(all: true, ("before", "nosuch")))).Kind);
        foreach (var (key, value) in ((string, string)[])[("status", "asleep"), ("health", "well"), ("exited", "x"), ("colour", "red"), ("publish", "x")])
            Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<GantryException>(() => ListAsync(all: true, (key, value)))).Kind);
        Assert.NotNull(made);
    }

    [Fact]
    public async Task WaitsHaveThreeConditions()
    {
        var id = await _host.CreateAsync("exec sleep 1000");
        var atOnce = await Containers.WaitAsync(id, WaitCondition.NotRunning, Token);
        Assert.Equal(0, (await atOnce.Completion).StatusCode);
        var next = await Containers.WaitAsync(id, WaitCondition.NextExit, Token);
        await Containers.StartAsync(id, Token);
        var stopped = await Containers.WaitAsync(id, WaitCondition.NotRunning, Token);
        var removed = await Containers.WaitAsync(id, WaitCondition.Removed, Token);
        Assert.False(next.Completion.IsCompleted || stopped.Completion.IsCompleted || removed.Completion.IsCompleted, "it still runs");
        await Containers.KillAsync(id, null, Token);
        Assert.Equal((137, 137), ((await next.Completion).StatusCode, (await stopped.Completion).StatusCode));
        Assert.False(removed.Completion.IsCompleted, "it is still there");
        await Containers.RemoveAsync(id, new RemoveRequest(), Token);
        Assert.Equal(137, (await removed.Completion).StatusCode);
    }

    private async Task<string> ListAsync(bool all, params (string Key, string Value)[] filters) =>
        string.Join(' ', (await Containers.ListAsync(new ContainerListQuery { All = all, Filters = Filters.Of(filters) }, Token)).Select(container => container.Names![0].TrimStart('/')));
}
