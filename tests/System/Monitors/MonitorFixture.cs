using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Gantry.Engine.Monitors;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;
using Gantry.Tests.Support;
using Gantry.Tests.System.Runtime;

namespace Gantry.Tests.System.Monitors;

/// <summary>A pool with the published runtime, in an exec root of its own, and a busybox to run in it.</summary>
public sealed class MonitorFixture : IAsyncDisposable
{
    private static int s_count;

    private readonly Bundle _bundle = new();
    private readonly List<MonitorClient> _clients = [];

    public MonitorFixture(int warm = 0)
    {
        Name = $"gantry-monitor-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        ExecRoot = Path.Combine("/tmp", Name);
        Directory.CreateDirectory(ExecRoot);
        Pool = NewPool(warm);
    }

    public string Name { get; }

    public string ExecRoot { get; }

    public string Rootfs => _bundle.Rootfs;

    public MonitorPool Pool { get; }

    public List<string> Complaints { get; } = [];

    public bool HasComplained(string sentence)
    {
        lock (Complaints)
            return Complaints.Contains(sentence);
    }

    public CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    public MonitorPool NewPool(int warm) => new(new MonitorPoolOptions
    {
        RuntimePath = Repository.Program("gantry-runtime"),
        ExecRoot = ExecRoot,
        Warm = warm,
        OnComplaint = line => { lock (Complaints) Complaints.Add(line); },
    });

    public string LogOf(ContainerId id) => Path.Combine(ExecRoot, id.Short + ".log");

    public async Task<MonitorClient> StartMonitorAsync()
    {
        var client = await Pool.StartAsync(ContainerId.New(), Deadline);
        _clients.Add(client);
        return client;
    }

    public MonitorCreateRequest Shell(MonitorClient client, string script, Func<RuntimeConfig, RuntimeConfig>? change = null, bool stdin = false, bool log = true)
    {
        var config = Bundle.Shell(script);
        config = config with
        {
            Root = new RuntimeRoot { Path = _bundle.Rootfs },
            Linux = config.Linux! with { CgroupsPath = "/" + CgroupOf(client.ContainerId) },
        };
        return new MonitorCreateRequest
        {
            Config = change?.Invoke(config) ?? config,
            OpenStdin = stdin,
            StdinOnce = stdin,
            Log = log ? new MonitorLogOptions { Path = LogOf(client.ContainerId) } : null,
        };
    }

    public string CgroupOf(ContainerId id) => $"{Name}-{id.Short}";

    /// <summary>Creates and starts; the stream was attached between.</summary>
    public async Task<(MonitorClient Client, MonitorStream Stream)> RunAsync(string script, Func<RuntimeConfig, RuntimeConfig>? change = null, bool stdin = false, bool log = true)
    {
        var client = await StartMonitorAsync();
        var stream = MonitorStream.Create();
        await client.CreateAsync(Shell(client, script, change, stdin, log), [], Deadline);
        await client.AttachAsync(new MonitorAttachRequest { Stdin = stdin, Stdout = true, Stderr = true }, stream, Deadline);
        await client.StartAsync(Deadline);
        return (client, stream);
    }

    /// <summary>Reads a framed stream to its end.</summary>
    public async Task<(string Stdout, string Stderr)> CollectAsync(MonitorStream stream)
    {
        var all = await RawAsync(stream);
        StringBuilder stdout = new(), stderr = new();
        for (var at = 0; at < all.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(all.AsSpan(at + 4));
            (all[at] == 1 ? stdout : stderr).Append(Encoding.UTF8.GetString(all, at + 8, length));
            at += 8 + length;
        }
        return (stdout.ToString(), stderr.ToString());
    }

    public async Task<byte[]> RawAsync(MonitorStream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Deadline);
        return all.ToArray();
    }

    public string Log(MonitorClient client) =>
        string.Concat(File.ReadLines(LogOf(client.ContainerId)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("log").GetString()));

    /// <summary>Directories of the kernel's control groups that belong to this fixture.</summary>
    public IEnumerable<string> CgroupsLeft() =>
        Directory.EnumerateDirectories("/sys/fs/cgroup").SelectMany(Directory.EnumerateDirectories).Where(path => path.Contains(Name, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.CloseAsync(Deadline);
            await client.DisposeAsync();
        }
        await Pool.DisposeAsync();
        Directory.Delete(ExecRoot, recursive: true);
        _bundle.Dispose();
    }
}
