using System.Formats.Tar;
using Gantry.Engine;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Network.Bridge;
using Gantry.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Gantry.Tests.System.Engine;

/// <summary>An engine in this process, on roots, bridge and cgroup of its own, with an image made of the host's static busybox.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    public const string Image = "busybox:test";

    private readonly CancellationTokenSource _lifetime = new();
    // One for all: each has a thread of its own.
    private static readonly ILoggerFactory s_loggers = LoggerFactory.Create(static builder => builder.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));

    private static int _count = Environment.ProcessId % 200;
    private readonly string _subnet = $"10.214.{1 + (Interlocked.Increment(ref _count) % 250)}.1/24";
    private readonly string _root;

    private bool _isOpen;

    private Func<EngineOptions, EngineOptions>? _more;

    private EngineHost(string root, Func<EngineOptions, EngineOptions>? more) => (_root, _more) = (root, more);

    public GantryEngine Engine { get; private set; } = null!;

    public string DataRoot => Path.Combine(_root, "data");

    public string ExecRoot => Path.Combine(_root, "run");

    public CancellationToken Token { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(5)).Token;

    /// <summary>The directory that holds both roots.</summary>
    public string Root => _root;

    /// <summary>What its bridge and interfaces are called.</summary>
    public BridgeOptions KernelNames => BridgeOptions.ForInstance(InstanceNames.Instance(Options));

    /// <summary>The cgroup above its containers'.</summary>
    public string CgroupParent => InstanceNames.CgroupParent(Options);

    /// <summary>As the engine was configured.</summary>
    public EngineOptions Options { get; private set; } = null!;

    /// <summary>Starts an engine.</summary>
    /// <param name="more">Changes its options.</param>
    public static async Task<EngineHost> StartAsync(Func<EngineOptions, EngineOptions>? more = null)
    {
        var host = new EngineHost(Directory.CreateTempSubdirectory("gantry-engine-").FullName, more);
        await host.OpenAsync();
        await using var rootfs = Rootfs();
        await host.Engine.Images.ImportAsync(
            rootfs,
            new ImageImportSpec { Reference = ImageReference.Parse(Image), Changes = ["CMD [\"sh\"]", "ENV FROM_IMAGE=yes"] },
            _ => { },
            host.Token);
        return host;
    }

    /// <summary>Ends the engine; its containers go on.</summary>
    public async Task CloseAsync()
    {
        _isOpen = false;
        await Engine.DisposeAsync();
    }

    /// <summary>Starts the next engine on the same roots.</summary>
    public async Task OpenAsync()
    {
        var options = new EngineOptions
        {
            DataRoot = DataRoot,
            ExecRoot = ExecRoot,
            RuntimeBinary = Repository.Program("gantry-runtime"),
            BridgeAddress = _subnet,
            WarmMonitors = 1,
        };
        Options = _more is null ? options : _more(options);
        Engine = await GantryEngine.OpenAsync(Options, TimeProvider.System, s_loggers, _lifetime.Token);
        _isOpen = true;
    }

    /// <summary>Starts the next engine on the same roots with other options.</summary>
    public async Task OpenAsync(Func<EngineOptions, EngineOptions> more)
    {
        _more = more;
        await OpenAsync();
    }

    /// <summary>Creates a container that runs a shell line.</summary>
    public async Task<string> CreateAsync(string line, Func<ContainerCreateSpec, ContainerCreateSpec>? more = null)
    {
        var spec = new ContainerCreateSpec
        {
            Config = new ContainerConfig { Image = Image, Cmd = ["sh", "-c", line] },
            HostConfig = new HostConfig { NetworkMode = "none" },
        };
        return (await Engine.Containers.CreateAsync(more is null ? spec : more(spec), Token)).Id!;
    }

    /// <summary>Starts a container and waits until it has printed something.</summary>
    public async Task StartAndWaitForAsync(string id, string text)
    {
        await Engine.Containers.StartAsync(id, Token);
        await ContainerLifeTests.Eventually(() => LogsAsync(id), log => log.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Starts a container and waits for its end.</summary>
    public async Task<long> RunAsync(string id)
    {
        var wait = await Engine.Containers.WaitAsync(id, WaitCondition.NextExit, Token);
        await Engine.Containers.StartAsync(id, Token);
        return (await wait.Completion).StatusCode!.Value;
    }

    public async Task<string> LogsAsync(string id)
    {
        var text = new StringWriter();
        var logs = await Engine.Containers.LogsAsync(id, new Gantry.Engine.Logs.LogQuery(), Token);
        await foreach (var entry in logs.Entries)
            await text.WriteAsync(global::System.Text.Encoding.UTF8.GetString(entry.Line.Span));
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        // A test that failed in between has left it closed.
        if (!_isOpen)
            await OpenAsync();
        foreach (var container in await Engine.Containers.ListAsync(new ContainerListQuery { All = true }, Token))
            await Engine.Containers.RemoveAsync(container.Id!, new RemoveRequest(Force: true, Volumes: true), Token);
        await Engine.RemoveTracesAsync();
        _lifetime.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private static MemoryStream Rootfs()
    {
        var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var directory in (string[])["bin/", "etc/", "tmp/", "data/"])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, directory) { Mode = (UnixFileMode)0x1ED });
            using var busybox = File.OpenRead("/bin/busybox");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = (UnixFileMode)0x1ED, DataStream = busybox });
            foreach (var applet in (string[])["sh", "sleep", "cat", "echo", "id", "ls", "true", "false", "hostname", "env", "wc", "kill", "stat", "touch", "mkdir", "ln", "mkfifo", "mv", "cp", "rm", "rmdir"])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
            Text(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/srv:/bin/sh\n");
            Text(tar, "etc/group", "root:x:0:\nweb:x:1001:\nlog:x:4:web\n");
            Text(tar, "data/seed", "from the image\n");
        }
        archive.Position = 0;
        return archive;
    }

    private static void Text(TarWriter tar, string name, string content) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
    {
        Mode = (UnixFileMode)0x1A4,
        DataStream = new MemoryStream(global::System.Text.Encoding.UTF8.GetBytes(content)),
    });
}
