using System.Text;
using Gantry.Engine.Containers;
using Gantry.Engine.Exec;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>Containers from creation to removal, through every room, on the real kernel.</summary>
public sealed class ContainerLifeTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private ContainerOperations Containers => _host.Engine.Containers;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task RunsLogsAndKeepsTheExitCode()
    {
        var id = await _host.CreateAsync("echo out; echo err >&2; exit 7");
        Assert.Equal(7, await _host.RunAsync(id));
        Assert.Equal("out\nerr\n", await _host.LogsAsync(id));
        var inspect = await Containers.InspectAsync(id, size: true, Token);
        Assert.Equal(("exited", 7L, false), (inspect.State!.Status, inspect.State.ExitCode, inspect.State.Running!.Value));
        Assert.NotEqual(GoTime.Zero, inspect.State.StartedAt);
        Assert.NotEqual(GoTime.Zero, inspect.State.FinishedAt);
        Assert.Contains("FROM_IMAGE=yes", inspect.Config!.Env!);
        var listed = Assert.Single(await Containers.ListAsync(new ContainerListQuery { All = true }, Token));
        Assert.Matches("^Exited \\(7\\) ", listed.Status);
        Assert.Empty(await Containers.ListAsync(new ContainerListQuery(), Token));
    }

    [Fact]
    public async Task RunsAgainAndAppendsToItsLog()
    {
        var id = await _host.CreateAsync("echo again; cat /tmp/mark; touch /tmp/mark");
        await _host.RunAsync(id);
        Assert.Equal(0, await _host.RunAsync(id));
        Assert.Equal(2, (await _host.LogsAsync(id)).Split("again").Length - 1);
    }

    [Fact]
    public async Task StopsAtOnceWhatCannotHear()
    {
        var id = await _host.CreateAsync("exec sleep 1000");
        await Containers.StartAsync(id, Token);
        var clock = global::System.Diagnostics.Stopwatch.StartNew();
        await Containers.StopAsync(id, new StopRequest(), Token);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(9), "the grace period was waited out");
        Assert.Equal(137, (await Containers.InspectAsync(id, false, Token)).State!.ExitCode);
        var again = await Assert.ThrowsAsync<GantryException>(() => Containers.StopAsync(id, new StopRequest(), Token));
        Assert.Equal(ErrorKind.NotModified, again.Kind);
    }

    /// <summary>Who names a time gets it: the program may be about to end by itself.</summary>
    [Fact]
    public async Task WaitsAsLongAsAsked()
    {
        var id = await _host.CreateAsync("sleep 2; exit 42");
        await Containers.StartAsync(id, Token);
        await Containers.StopAsync(id, new StopRequest(TimeoutSeconds: 50), Token);
        Assert.Equal(42, (await Containers.InspectAsync(id, false, Token)).State!.ExitCode);
    }

    /// <summary>A signal that comes before the program has its handlers would be lost.</summary>
    [Fact]
    public async Task AYoungProgramIsAskedWhenItCanHear()
    {
        var id = await _host.CreateAsync("usleep 300000; trap 'exit 42' TERM; while :; do usleep 10000; done");
        await Containers.StartAsync(id, Token);
        await Containers.StopAsync(id, new StopRequest(), Token);
        Assert.Equal(42, (await Containers.InspectAsync(id, false, Token)).State!.ExitCode);
    }

    /// <summary>As at Docker, what was begun is done: a client that goes away leaves no container half stopped.</summary>
    [Fact]
    public async Task AStopGoesOnWithoutItsClient()
    {
        var id = await _host.CreateAsync("trap 'echo asked' TERM; echo ready; while :; do usleep 10000; done");
        await Containers.StartAsync(id, Token);
        await WaitForLogAsync(id, "ready");
        using var client = new CancellationTokenSource();
        var stop = Containers.StopAsync(id, new StopRequest(TimeoutSeconds: 1), client.Token);
        await WaitForLogAsync(id, "asked");
        await client.CancelAsync();
        await stop;
        Assert.Equal(("exited", 137L), ((await Containers.InspectAsync(id, false, Token)).State!.Status, (await Containers.InspectAsync(id, false, Token)).State!.ExitCode));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Containers.RestartAsync(id, new StopRequest(), client.Token));
    }

    [Fact]
    public async Task AsksWhatCanHear()
    {
        var id = await _host.CreateAsync("trap 'exit 42' TERM; echo ready; while :; do sleep 1; done");
        await Containers.StartAsync(id, Token);
        await WaitForLogAsync(id, "ready");
        await Containers.StopAsync(id, new StopRequest(TimeoutSeconds: 30), Token);
        Assert.Equal(42, (await Containers.InspectAsync(id, false, Token)).State!.ExitCode);
    }

    [Fact]
    public async Task AClientThatAttachedBeforeTheStartMissesNothing()
    {
        var id = await _host.CreateAsync("cat; echo done", spec => spec with
        {
            Config = spec.Config with { OpenStdin = true, StdinOnce = true, AttachStdin = true },
        });
        await using var stream = await Containers.AttachAsync(id, new AttachRequest { Stdin = true, Stdout = true, Stderr = true }, Token);
        await Containers.StartAsync(id, Token);
        await stream.WriteAsync("hello\n"u8.ToArray(), Token);
        await stream.CloseWriteAsync(Token);
        Assert.Equal("hello\ndone\n", await ReadFramesAsync(stream));
    }

    [Fact]
    public async Task RemovesItselfWhenAsked()
    {
        var id = await _host.CreateAsync("exit 3", spec => spec with { Name = "gone", HostConfig = spec.HostConfig! with { AutoRemove = true } });
        var removed = await Containers.WaitAsync(id, WaitCondition.Removed, Token);
        await Containers.StartAsync(id, Token);
        Assert.Equal(3, (await removed.Completion).StatusCode);
        Assert.Equal("No such container: gone", (await Assert.ThrowsAsync<GantryException>(() => Containers.InspectAsync("gone", false, Token))).Message);
        await _host.CreateAsync("true", spec => spec with { Name = "gone" }); // the name is free
    }

    [Fact]
    public async Task RunsFurtherProcesses()
    {
        var id = await _host.CreateAsync("sleep 1000");
        await Containers.StartAsync(id, Token);
        var exec = await _host.Engine.Execs.CreateAsync(id, new ExecCreateSpec { Cmd = ["sh", "-c", "id -u; id -G; exit 5"], User = "web", AttachStdout = true, AttachStderr = true }, Token);
        await using (var stream = (await _host.Engine.Execs.StartAsync(exec, new ExecStartSpec(), Token))!)
            Assert.Equal("1000\n1001 4\n", await ReadFramesAsync(stream));
        var inspect = await Eventually(async () => await _host.Engine.Execs.InspectAsync(exec, Token), i => i.Running == false);
        Assert.Equal(5, inspect.ExitCode);
        var nobody = await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Execs.CreateAsync(id, new ExecCreateSpec { Cmd = ["id"], User = "nobody-here" }, Token));
        Assert.Equal((ErrorKind.Invalid, "unable to find user nobody-here: no matching entries in passwd file"), (nobody.Kind, nobody.Message));
        var missing = await _host.Engine.Execs.CreateAsync(id, new ExecCreateSpec { Cmd = ["nonesuch"], AttachStdout = true }, Token);
        var error = await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Execs.StartAsync(missing, new ExecStartSpec(), Token));
        Assert.Contains("executable file not found in $PATH", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.Invalid, error.Kind);
        Assert.Equal(127, (await _host.Engine.Execs.InspectAsync(missing, Token)).ExitCode);

        // What nobody started is not for the container's next run; what has ended can still be asked about.
        var unstarted = await _host.Engine.Execs.CreateAsync(id, new ExecCreateSpec { Cmd = ["true"] }, Token);
        await Containers.StopAsync(id, new StopRequest(TimeoutSeconds: 0), Token);
        foreach (var running in (bool[])[false, true])
        {
            if (running)
                await Containers.StartAsync(id, Token);
            Assert.Equal(ErrorKind.NotFound, (await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Execs.StartAsync(unstarted, new ExecStartSpec(), Token))).Kind);
        }

        Assert.Equal(5, (await _host.Engine.Execs.InspectAsync(exec, Token)).ExitCode);
    }

    [Fact]
    public async Task AMissingProgramIsSaidInDockersWords()
    {
        var id = await _host.CreateAsync("", spec => spec with { Config = spec.Config with { Cmd = ["nonesuch"] } });
        var error = await Assert.ThrowsAsync<GantryException>(() => Containers.StartAsync(id, Token));
        Assert.StartsWith("failed to create task for container: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("exec: \"nonesuch\": executable file not found in $PATH", error.Message, StringComparison.Ordinal);
        var state = (await Containers.InspectAsync(id, false, Token)).State!;
        Assert.Equal(("created", 127L), (state.Status, state.ExitCode));
        Assert.Contains("nonesuch", state.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RestartsByPolicy()
    {
        var id = await _host.CreateAsync("echo run; exit 1", spec => spec with
        {
            HostConfig = spec.HostConfig! with { RestartPolicy = new RestartPolicy { Name = "on-failure", MaximumRetryCount = 2 } },
        });
        await Containers.StartAsync(id, Token);
        var inspect = await Eventually(async () => await Containers.InspectAsync(id, false, Token), i => i.State!.Status == "exited");
        Assert.Equal(2, inspect.RestartCount);
        Assert.Equal("run\nrun\nrun\n", await _host.LogsAsync(id));
    }

    [Fact]
    public async Task TheImagesContentGoesIntoAnEmptyVolume()
    {
        var id = await _host.CreateAsync("cat /data/seed; echo kept > /data/own", spec => spec with { HostConfig = spec.HostConfig! with { Binds = ["kept:/data"] } });
        Assert.Equal(0, await _host.RunAsync(id));
        Assert.Equal("from the image\n", await _host.LogsAsync(id));
        var inUse = await Assert.ThrowsAsync<GantryException>(() => _host.Engine.Volumes.RemoveAsync("kept", false, Token));
        Assert.Equal($"remove kept: volume is in use - [{id}]", inUse.Message);
        await Containers.RemoveAsync(id, new RemoveRequest(), Token);
        var second = await _host.CreateAsync("cat /data/own", spec => spec with { HostConfig = spec.HostConfig! with { Binds = ["kept:/data"] } });
        Assert.Equal(0, await _host.RunAsync(second));
        Assert.Equal("kept\n", await _host.LogsAsync(second));
        await Containers.RemoveAsync(second, new RemoveRequest(), Token);
        await _host.Engine.Volumes.RemoveAsync("kept", false, Token);
    }

    [Fact]
    public async Task AnonymousVolumesGoWithTheContainer()
    {
        var id = await _host.CreateAsync("true", spec => spec with
        {
            Config = spec.Config with { Volumes = new Dictionary<string, EmptyObject> { ["/cache"] = new() } },
            HostConfig = spec.HostConfig! with { AutoRemove = true },
        });
        Assert.Single((await _host.Engine.Volumes.ListAsync(Filters.None, Token)).Volumes!);
        var removed = await Containers.WaitAsync(id, WaitCondition.Removed, Token);
        await Containers.StartAsync(id, Token);
        await removed.Completion;
        Assert.Empty((await _host.Engine.Volumes.ListAsync(Filters.None, Token)).Volumes!);
    }

    [Fact]
    public async Task OnTheBridgeItHasAnAddressAndPublishesPorts()
    {
        var id = await _host.CreateAsync("cat /etc/hosts; sleep 1000", spec => spec with
        {
            HostConfig = new HostConfig
            {
                NetworkMode = "default",
                PortBindings = new Dictionary<string, IReadOnlyList<PortBinding>?> { ["80/tcp"] = [new PortBinding { HostIp = "127.0.0.1", HostPort = "" }] },
            },
        });
        await Containers.StartAsync(id, Token);
        var inspect = await Containers.InspectAsync(id, false, Token);
        var endpoint = inspect.NetworkSettings!.Networks!["bridge"];
        Assert.StartsWith("10.214.", endpoint.IPAddress, StringComparison.Ordinal);
        var port = Assert.Single(inspect.NetworkSettings.Ports!["80/tcp"]!).HostPort;
        await WaitForLogAsync(id, endpoint.IPAddress!);
        var second = await _host.CreateAsync("true", spec => spec with
        {
            HostConfig = new HostConfig { PortBindings = new Dictionary<string, IReadOnlyList<PortBinding>?> { ["80/tcp"] = [new PortBinding { HostIp = "127.0.0.1", HostPort = port }] } },
        });
        var taken = await Assert.ThrowsAsync<GantryException>(() => Containers.StartAsync(second, Token));
        Assert.Contains(port!, taken.Message, StringComparison.Ordinal);
        await Containers.RemoveAsync(id, new RemoveRequest(Force: true), Token);
        Assert.Equal(0, await _host.RunAsync(second)); // the port is free the moment rm returns
    }

    [Fact]
    public async Task ThePidIsThatOfTheFirstProcessAndPauseFreezesIt()
    {
        var id = await _host.CreateAsync("sleep 1000");
        await Containers.StartAsync(id, Token);
        var pid = (await Containers.InspectAsync(id, false, Token)).State!.Pid;
        // The kernel shows no words while execve is under way.
        await Support.Eventually.HoldsAsync("it is the program", async () => (await File.ReadAllTextAsync($"/proc/{pid}/cmdline", Token)).Contains("sleep", StringComparison.Ordinal));
        await Containers.PauseAsync(id, Token);
        Assert.Equal("paused", (await Containers.InspectAsync(id, false, Token)).State!.Status);
        await Assert.ThrowsAsync<GantryException>(() => Containers.RemoveAsync(id, new RemoveRequest(), Token));
        await Containers.UnpauseAsync(id, Token);
        Assert.Equal("running", (await Containers.InspectAsync(id, false, Token)).State!.Status);
        await Containers.KillAsync(id, "KILL", Token);
        Assert.Equal("exited", (await Containers.InspectAsync(id, false, Token)).State!.Status);
    }

    internal static async Task<string> ReadFramesAsync(AttachedStream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var all = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await stream.ReadAsync(buffer, limit.Token)) > 0)
            all.Write(buffer, 0, read);
        var bytes = all.ToArray();
        var text = new StringBuilder();
        for (var at = 0; at < bytes.Length;)
        {
            var length = global::System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 4));
            text.Append(Encoding.UTF8.GetString(bytes, at + 8, length));
            at += 8 + length;
        }
        return text.ToString();
    }

    internal static async Task<T> Eventually<T>(Func<Task<T>> look, Func<T, bool> holds)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            await Task.Delay(50);
        }
        throw new TimeoutException("it never came to that");
    }

    private Task<string> WaitForLogAsync(string id, string text) => Eventually(() => _host.LogsAsync(id), log => log.Contains(text, StringComparison.Ordinal));
}
