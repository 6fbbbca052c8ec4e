using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Docker;

/// <summary>What both clients show of running containers and change about them.</summary>
public sealed class ReportTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private EngineFixture Engine => hub.Engine;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BothClientsShowAndChangeTheSame()
    {
        var id = (await Engine.DockerAsync("run", "-d", "--name", "busy", "-m", "64m", "busybox", "sleep", "600")).Succeeded().Text;

        var top = (await Engine.DockerAsync("top", "busy")).Succeeded().Text.Split('\n');
        Assert.Matches(@"^UID\s+PID\s+PPID\s+C\s+STIME\s+TTY\s+TIME\s+CMD$", top[0].Trim());
        Assert.EndsWith("sleep 600", Assert.Single(top[1..]).Trim(), StringComparison.Ordinal);
        Assert.Equal(string.Join('\n', top), (await Engine.GantryAsync("container", "top", "busy")).Succeeded().Text);
        Assert.Equal((await Engine.DockerAsync("top", "busy", "-o", "pid,comm")).Succeeded().Output, (await Engine.GantryAsync("top", "busy", "-o", "pid,comm")).Succeeded().Output);

        const string Format = "{{.Name}}|{{.ID}}|{{.MemUsage}}|{{.PIDs}}";
        Assert.Matches($@"^busy\|{id[..12]}\|[0-9.]+[KM]iB / 64MiB\|1$", (await Engine.DockerAsync("stats", "--no-stream", "--format", Format, "busy")).Succeeded().Text);
        Assert.Matches($@"^busy\|{id[..12]}\|[0-9.]+[KM]iB / 64MiB\|1$", (await Engine.GantryAsync("stats", "--no-stream", "--format", Format, "busy")).Succeeded().Text);
        Assert.Contains("busy", (await Engine.GantryAsync("stats", "--no-stream")).Succeeded().Text, StringComparison.Ordinal);

        Assert.Equal("busy", (await Engine.DockerAsync("update", "-m", "96m", "--memory-swap", "-1", "--restart", "on-failure:3", "busy")).Succeeded().Text);
        Assert.Equal("busy", (await Engine.GantryAsync("update", "--pids-limit", "77", "--cpus", "0.5", "busy")).Succeeded().Text);
        Assert.Equal("100663296 -1 77 500000000 on-failure 3", (await Engine.DockerAsync(
            "inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}", "busy")).Succeeded().Text);
        Assert.Contains("/ 96MiB", (await Engine.DockerAsync("stats", "--no-stream", "busy")).Succeeded().Text, StringComparison.Ordinal);
        var refused = (await Engine.DockerAsync("update", "--cpu-quota", "50000", "busy")).Exited(1);
        Assert.Contains("CPU Quota cannot be updated as NanoCPUs has already been set", refused.Error, StringComparison.Ordinal);

        (await Engine.DockerAsync("rm", "-f", "busy")).Succeeded();
        Assert.Contains("No such container: busy", (await Engine.DockerAsync("stats", "--no-stream", "busy")).Exited(1).Error, StringComparison.Ordinal);
        Assert.Equal("Error response from daemon: No such container: busy", (await Engine.GantryAsync("stats", "busy")).Exited(1).Error.Trim());
    }

    [Fact]
    public async Task AStreamOfStatsGoesOn()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "shown", "busybox", "sleep", "600")).Succeeded();
        using var stats = Command.Start(Repository.Program("gantry"), ["--host", Engine.Host, "stats", "--format", "{{.Name}} {{.PIDs}}"]);
        List<string> lines = [];
        while (lines.Count < 3 && await stats.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token) is { } line)
        {
            if (line.StartsWith("shown ", StringComparison.Ordinal))
                lines.Add(line);
        }
        stats.Kill();
        Assert.Equal(3, lines.Count);
        Assert.Equal("shown 1", lines[^1]);
        (await Engine.GantryAsync("rm", "-f", "shown")).Succeeded();
    }

    [Fact]
    public async Task ManyAreStoppedAndRemovedAtOnce()
    {
        string[] names = [.. Enumerable.Range(1, 8).Select(i => $"many{i}")];
        // Each takes two seconds to end: one after the other that would be sixteen.
        foreach (var name in names)
            (await Engine.GantryAsync("run", "-d", "--name", name, "busybox", "sh", "-c", "trap 'sleep 2; exit 0' TERM; echo ready; while :; do sleep 0.1; done")).Succeeded();
        foreach (var name in names)
            await Eventually.HoldsAsync($"{name} listens", async () => (await Engine.GantryAsync("logs", name)).Text == "ready");
        var running = 0;
        // Asked from a moment on: the listener may be slower than the first signal.
        var since = FormattableString.Invariant($"{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0:F3}");
        using var events = Command.Start(Repository.Program("gantry"), ["--host", Engine.Host, "events", "--since", since, "--filter", "event=kill", "--filter", "event=die", "--format", "{{.Action}}"]);
        var stopping = Engine.GantryAsync(["stop", .. names]);
        var most = 0;
        for (var ended = 0; ended < names.Length;)
        {
            var action = await events.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token);
            running += action == "kill" ? 1 : -1;
            ended += action == "die" ? 1 : 0;
            most = Math.Max(most, running);
        }
        Assert.Equal(names, (await stopping).Succeeded().Text.Split('\n'));
        Assert.True(most > 1, "all of them were asked one after the other");
        events.Kill();
        Assert.Equal(names, (await Engine.GantryAsync(["rm", .. names])).Succeeded().Text.Split('\n'));
    }

    [Fact]
    public async Task EventsAreReplayedAndFiltered()
    {
        var since = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        (await Engine.DockerAsync("run", "--rm", "--name", "told", "--label", "team=red", "busybox", "sh", "-c", "exit 3")).Exited(3);
        var until = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        string[] window = ["events", "--since", FormattableString.Invariant($"{since:F3}"), "--until", FormattableString.Invariant($"{until:F3}")];
        var docker = (await Engine.DockerAsync([.. window, "--filter", "container=told", "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}"])).Succeeded().Text;
        Assert.Equal("create <no value>\nattach <no value>\nstart <no value>\ndie 3\ndestroy <no value>", docker);
        Assert.Equal(docker, (await Engine.GantryAsync([.. window, "--filter", "container=told", "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}"])).Succeeded().Text);
        Assert.Equal("die", (await Engine.DockerAsync([.. window, "--filter", "label=team=red", "--filter", "event=die", "--format", "{{.Action}}"])).Succeeded().Text);
        Assert.Equal("connect\ndisconnect", (await Engine.DockerAsync([.. window, "--filter", "type=network", "--format", "{{.Action}}"])).Succeeded().Text);
        Assert.Equal((await Engine.DockerAsync([.. window, "--filter", "image=busybox"])).Succeeded().Output, (await Engine.GantryAsync([.. window, "--filter", "image=busybox"])).Succeeded().Output);
    }

    [Fact]
    public async Task CredentialsGoThroughBothClientsIntoOneFile()
    {
        var config = Directory.CreateTempSubdirectory("gantry-config-").FullName;
        try
        {
            var server = $"127.0.0.1:{hub.Registry.Port}";
            var ours = (await Engine.GantryWithInputAsync("secret\n", "--config", config, "login", "-u", "me", "--password-stdin", server)).Succeeded();
            Assert.Equal("Login Succeeded", ours.Text);
            Assert.Contains("stored unencrypted", ours.Error, StringComparison.Ordinal);
            var theirs = (await Engine.DockerAsync("--config", config, "login", server)).Succeeded();
            Assert.Contains("[Username: me]", theirs.Error, StringComparison.Ordinal);
            using (var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(config, "config.json"), Token)))
                Assert.Equal(Convert.ToBase64String("me:secret"u8), json.RootElement.GetProperty("auths").GetProperty(server).GetProperty("auth").GetString());
            Assert.Equal($"Removing login credentials for {server}", (await Engine.GantryAsync("--config", config, "logout", server)).Succeeded().Text);
            Assert.DoesNotContain("secret", await File.ReadAllTextAsync(Path.Combine(config, "config.json"), Token), StringComparison.Ordinal);
            Assert.Contains("cannot reach the registry", (await Engine.DockerAsync("--config", config, "login", "-u", "me", "-p", "x", $"127.0.0.1:{RegistryFixture.FreePort()}")).Exited(1).Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(config, recursive: true);
        }
    }

    [Fact]
    public async Task ABrowserAttachesOverAWebSocket()
    {
        (await Engine.GantryAsync("run", "-d", "-i", "--name", "ws", "busybox", "sh", "-c", "echo first; read line; echo got $line; echo err >&2; exit 5")).Succeeded();
        await Eventually.HoldsAsync("it waits", async () => (await Engine.GantryAsync("logs", "ws")).Text == "first");
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Engine.Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri("ws://gantry/v1.50/containers/ws/attach/ws?logs=1&stream=1&stdin=1&stdout=1&stderr=1"), invoker, Token);
        await client.SendAsync("hello\n"u8.ToArray(), WebSocketMessageType.Binary, true, Token);
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (await client.ReceiveAsync(buffer.AsMemory(), Token) is var received && received.MessageType != WebSocketMessageType.Close)
        {
            Assert.Equal(WebSocketMessageType.Binary, received.MessageType);
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
        }
        Assert.Equal("err\nfirst\ngot hello\n", string.Join('\n', text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)) + "\n");
        Assert.Equal("5", (await Engine.GantryAsync("wait", "ws")).Succeeded().Text);
        (await Engine.GantryAsync("rm", "ws")).Succeeded();
    }
}
