using System.Diagnostics;
using System.Globalization;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Crash;

/// <summary>The engine, and now and then a monitor, is killed in the middle of whatever it does; the next engine finds a true state.</summary>
public sealed class TortureTests : IAsyncLifetime
{
    private const int Rounds = 200;
    private const int MostContainers = 12;
    private static readonly string s_cgroup = $"gantry-torture-{Environment.ProcessId}";

    // The seed is in every message: GANTRY_TORTURE_SEED plays the same choices again.
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("GANTRY_TORTURE_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Environment.TickCount;
    private readonly List<string> _story = [];
    private Random _random = null!;
    private EngineFixture _engine = null!;
    private string _archive = null!;
    private int _made;

    public async ValueTask InitializeAsync()
    {
        _random = new Random(_seed);
        _engine = await EngineFixture.StartAsync("--cgroup-parent", "/" + s_cgroup);
        _archive = Path.Combine(_engine.Root, "image.tar");
        var root = Path.Combine(_engine.Root, "image");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        foreach (var applet in (string[])["sh", "sleep", "true", "echo"])
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        (await Command.RunAsync("tar", ["-C", root, "-cf", _archive, "."])).Succeeded();
        (await _engine.GantryAsync("import", _archive, "victim")).Succeeded();
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task NothingIsLostAndNothingIsLeft()
    {
        var traces = new EngineTraces(_engine, s_cgroup);
        for (var round = 0; round < Rounds; round++)
        {
            var names = (await _engine.GantryAsync("ps", "-a", "--format", "{{.Names}}")).Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var clients = Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Begin(NextCommand(names))).ToList();
            await Task.Delay(_random.Next(0, 120));
            if (_random.Next(8) == 0)
                await KillMonitorAsync();
            await _engine.KillEngineAsync();
            foreach (var client in clients)
            {
                await client.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
                client.Dispose();
            }
            await _engine.StartEngineAsync();
            await SettleAsync(traces, round);
        }
    }

    private async Task SettleAsync(EngineTraces traces, int round)
    {
        IReadOnlyList<string> problems = [];
        try
        {
            await Eventually.HoldsAsync("the state is true", async () => (problems = await traces.DifferencesAsync()).Count == 0);
        }
        catch (TimeoutException late)
        {
            Assert.Fail($"seed {_seed}, round {round}: {string.Join("; ", problems)} ({late.InnerException?.Message})\n{string.Join('\n', _story.TakeLast(12))}\n--- engine\n{_engine.Log[Math.Max(0, _engine.Log.Length - 4000)..]}");
        }
    }

    private string[] NextCommand(string[] names)
    {
        var some = names.Length == 0 ? "none" : names[_random.Next(names.Length)];
        if (names.Length >= MostContainers)
            return ["rm", "-f", some, names[_random.Next(names.Length)], names[_random.Next(names.Length)]];
        return _random.Next(13) switch
        {
            0 or 1 or 2 => ["run", "-d", "--name", NextName(), "victim", "sleep", "1000"],
            3 => ["run", "-d", "--name", NextName(), "-p", "80", "--restart", "always", "victim", "sh", "-c", "sleep 0.2; exit 1"],
            4 => ["run", "-d", "--name", NextName(), "-p", "80", "-v", "/data", "victim", "sh", "-c", "while :; do echo line; sleep 0.01; done"],
            5 => ["run", "--rm", "victim", "true"],
            6 => ["create", "--name", NextName(), "--network", "none", "victim", "sleep", "1000"],
            7 => ["start", some],
            8 => ["stop", "-t", "0", some],
            9 => ["restart", "-t", "0", some],
            10 => ["rm", "-f", some],
            11 => ["exec", some, "sh", "-c", "echo executed"],
            _ => ["logs", "-f", some],
        };
    }

    private string NextName() => $"victim-{++_made}";

    private Process Begin(string[] command)
    {
        _story.Add(string.Join(' ', command));
        var client = Command.Start(Repository.Program("gantry"), ["--host", _engine.Host, .. command]);
        // Read to the end, so that it never waits for a reader.
        client.BeginOutputReadLine();
        client.BeginErrorReadLine();
        client.StandardInput.Close();
        return client;
    }

    private async Task KillMonitorAsync()
    {
        var pids = (await _engine.GantryAsync("ps", "-q")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (pids.Length == 0)
            return;
        var container = pids[_random.Next(pids.Length)];
        var init = (await _engine.GantryAsync("inspect", "--format", "{{.State.Pid}}", container)).Text;
        if (init.Length == 0 || init == "0" || !File.Exists($"/proc/{init}/status"))
            return;
        var parent = File.ReadLines($"/proc/{init}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..].Trim();
        // Only what is a monitor of ours: a container that has just ended may have left its number to somebody else.
        if (!File.ReadAllText($"/proc/{parent}/comm").StartsWith("gantry-monitor", StringComparison.Ordinal))
            return;
        _story.Add($"kill -9 the monitor of {container}");
        await Command.RunAsync("kill", ["-9", parent]);
    }
}
