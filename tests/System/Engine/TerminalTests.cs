using System.Text;
using Gantry.Engine.Containers;
using Gantry.Engine.Exec;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.Engine;

/// <summary>Terminals' sizes before and after the start, and leaving one without ending it.</summary>
public sealed class TerminalTests : IAsyncLifetime
{
    private const string ShowSize = "while :; do busybox stty size; sleep 0.05; done";

    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private ContainerOperations Containers => _host.Engine.Containers;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task ATerminalHasItsSizeFromTheStartAndCanBeResized()
    {
        var id = await CreateAsync(ShowSize, [30, 100]);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<GantryException>(() => Containers.ResizeAsync(id, 40, 120, Token))).Kind);
        await Containers.StartAsync(id, Token);
        await Eventually.HoldsAsync("the size of the creation", async () => (await _host.LogsAsync(id)).StartsWith("30 100\r\n", StringComparison.Ordinal));
        var since = TimeProvider.System.GetUtcNow();
        await Containers.ResizeAsync(id, 40, 120, Token);
        await Eventually.HoldsAsync("the new size", async () => (await _host.LogsAsync(id)).EndsWith("40 120\r\n", StringComparison.Ordinal));
        await foreach (var message in _host.Engine.Events.SubscribeAsync(since, TimeProvider.System.GetUtcNow(), Filters.Of(("event", "resize")), Token))
            Assert.Equal(("40", "120"), (message.Actor!.Attributes!["height"], message.Actor.Attributes["width"]));
    }

    [Fact]
    public async Task AnExecsTerminalToo()
    {
        var id = await CreateAsync("exec sleep 1000", null);
        await Containers.StartAsync(id, Token);
        var exec = await _host.Engine.Execs.CreateAsync(id, new ExecCreateSpec { Cmd = ["sh", "-c", ShowSize], Tty = true, AttachStdout = true, ConsoleSize = (20, 60) }, Token);
        await using var stream = (await _host.Engine.Execs.StartAsync(exec, new ExecStartSpec { Tty = true }, Token))!;
        await ReadUntilAsync(stream, "20 60\r\n");
        await _host.Engine.Execs.ResizeAsync(exec, 25, 75, Token);
        await ReadUntilAsync(stream, "25 75\r\n");
    }

    [Fact]
    public async Task DetachKeysLeaveTheContainerRunning()
    {
        var since = TimeProvider.System.GetUtcNow();
        var id = await CreateAsync("cat", null);
        await Containers.StartAsync(id, Token);
        await using (var stream = await Containers.AttachAsync(id, new AttachRequest { Stdin = true, Stdout = true, DetachKeys = "ctrl-x,q" }, Token))
        {
            // The first key alone is input like any other.
            await stream.WriteAsync("a\u0018b\n"u8.ToArray(), Token);
            await ReadUntilAsync(stream, "a\u0018b\r\n");
            await stream.WriteAsync("\u0018"u8.ToArray(), Token);
            await stream.WriteAsync("q"u8.ToArray(), Token);
            var buffer = new byte[1024];
            while (await stream.ReadAsync(buffer, Token) > 0)
            {
                // what the terminal still had to say
            }
        }
        Assert.Equal("running", (await Containers.InspectAsync(id, false, Token)).State!.Status);
        List<string> actions = [];
        await foreach (var message in _host.Engine.Events.SubscribeAsync(since, TimeProvider.System.GetUtcNow(), Filters.Of(("event", "attach"), ("event", "detach")), Token))
            actions.Add(message.Action!);
        Assert.Equal(["attach", "detach"], actions);
    }

    private Task<string> CreateAsync(string line, IReadOnlyList<long>? size) => _host.CreateAsync(line, spec => spec with
    {
        Config = spec.Config with { Tty = true, OpenStdin = true },
        HostConfig = spec.HostConfig! with { ConsoleSize = size },
    });

    private async Task ReadUntilAsync(AttachedStream stream, string wanted)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (!text.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
            Assert.True(count > 0, $"the stream ended with: {text}");
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }
}
