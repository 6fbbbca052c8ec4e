using Gantry.Distribution;
using Gantry.Engine.Builds;
using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Devices;
using Gantry.Engine.Events;
using Gantry.Engine.Exec;
using Gantry.Engine.Images;
using Gantry.Engine.Logs.Drivers;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Remap;
using Gantry.Engine.Runtimes;
using Gantry.Engine.Volumes;
using Gantry.Kernel.Cgroups;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Network.Bridge;
using Gantry.Store;
using Microsoft.Extensions.Logging;

namespace Gantry.Engine.Composition;

/// <summary>Puts the rooms together and takes them apart again, in order.</summary>
internal sealed class EngineAssembly : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _closing = new();
    private readonly CancellationTokenSource _lifetime;
    private EngineParts? _parts;
    private int _isClosed;

    private EngineAssembly(CancellationToken lifetime) => _lifetime = CancellationTokenSource.CreateLinkedTokenSource(lifetime);

    public EngineParts Parts => _parts!;

    /// <summary>Opens everything and reconciles it with what runs.</summary>
    public static async Task<GantryEngine> OpenAsync(EngineOptions options, TimeProvider time, ILogger logger, CancellationToken lifetime)
    {
        var assembly = new EngineAssembly(lifetime);
        try
        {
            return await assembly.BuildAsync(options, time, logger);
        }
        catch
        {
            await assembly.DisposeAsync();
            throw;
        }
    }

    /// <summary>Removes what the kernel still has of the instance's network; the engine has been closed.</summary>
    public Task RemoveTracesAsync() => BridgeNetwork.RemoveTracesAsync(BridgeOptionsOf(Parts.Options, null, static _ => null));

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        await _lifetime.CancelAsync();
        while (_closing.TryPop(out var close))
            await close();
        _lifetime.Dispose();

        // Empty unless containers run on; then the next engine finds it again.
        if (_parts is not null)
            CgroupMounts.Read().RemoveEmpty(_parts.CgroupParent);
    }

    private async Task<GantryEngine> BuildAsync(EngineOptions options, TimeProvider time, ILogger logger)
    {
        var since = time.GetTimestamp();
        options = options with { DataRoot = Path.GetFullPath(options.DataRoot), ExecRoot = Path.GetFullPath(options.ExecRoot) };
        var paths = new EnginePaths(options.DataRoot);
        LogDriver.Check(new HostConfigLogConfig { Type = options.LogDriver, Config = options.LogOptions });
        MakeRoots(options, paths);
        Lock(paths);

        var database = Keep(Database.Open(paths.Database, [.. ContentStore.Migrations, .. ContainerRows.Migrations, .. EventStore.Migrations, .. BuildCache.Migrations]));
        var rows = new ContainerRows(database);
        var content = Keep(ContentStore.Open(options.DataRoot, database));
        var table = new ContainerTable();
        var events = new EventLog(time, Keep(new EventStore(database)));
        var background = new BackgroundTasks(logger, _lifetime.Token);
        var facts = HostFacts.Read(File.Exists(options.InitBinary) ? options.InitBinary : null) with
        {
            Runtimes = RuntimeTable.Find(options.Runtimes),
            Remap = options.UsernsRemap is { } user ? new RemapRoot(options.AccountFiles).Find(user) : null,
            LimitsSizes = content.Snapshots.LimitsSizes,
            Gpus = CdiSpecs.Specifies(options.CdiSpecDirectories, CdiInjection.Gpus),
        };
        if (facts.Remap is { } remapped)
            RemapAccess.Open(options.ExecRoot, remapped);
        _ = RuntimeTable.Choose(facts.Runtimes, options.DefaultRuntime);
        var cgroups = InstanceNames.CgroupParent(options);

        var monitors = new MonitorPool(
            new MonitorPoolOptions
            {
                RuntimePath = options.RuntimeBinary,
                ExecRoot = options.ExecRoot,
                Warm = options.WarmMonitors,
                CachePath = Path.Combine(options.DataRoot, "cache"),
                OnComplaint = line => logger.Notice(line),
            });
        Keep(monitors);
        var engineId = rows.Fact("engine", () => Guid.NewGuid().ToString());
        var bridge = await BridgeNetwork.OpenAsync(BridgeOptionsOf(options, engineId, id => ContainerId.TryParse(id, out var parsed) ? table.Find(parsed)?.Name : null), _lifetime.Token);
        Keep(bridge);
        foreach (var warning in bridge.Warnings)
            logger.Notice(warning);
        var volumes = Keep(VolumeStore.Open(Path.Combine(options.DataRoot, "volumes"), time));
        Keep(background); // ends first: what it does needs all the others

        _parts = new EngineParts
        {
            Options = options,
            SeccompProfile = ReadSeccomp(options.SeccompProfile),
            Paths = paths,
            Time = time,
            Logger = logger,
            Background = background,
            Facts = facts,
            Database = database,
            Rows = rows,
            Containers = table,
            Events = events,
            Images = ImagesOf(options, content, table, events, time),
            Snapshots = content.Snapshots,
            Collector = content.Collector,
            Volumes = volumes,
            Bridge = bridge,
            Monitors = monitors,
            CgroupParent = cgroups,
            BridgeId = rows.Fact("network bridge", NewId),
            HostNetworkId = rows.Fact("network host", NewId),
            NoneNetworkId = rows.Fact("network none", NewId),
        };
        var execTable = new ExecTable(time);
        var execs = new ExecOperations(_parts, execTable);
        var containers = new ContainerOperations(_parts, execTable);
        await new Reconciliation(_parts, containers, execs).RunAsync(_lifetime.Token);
        var report = new SystemReport(_parts, engineId);
        logger.Opened(options.DataRoot, table.All.Count, table.All.Count(c => ContainerStatus.HasProcess(c.Run.Status)), time.GetElapsedTime(since).TotalMilliseconds);
        var builds = Keep(new BuildOperations(_parts, _parts.Images.Room));
        return new GantryEngine(this, containers, execs, builds, report);
    }

    private static string NewId() => ContainerId.New().ToString();

    private static void MakeRoots(EngineOptions options, EnginePaths paths)
    {
        if (!File.Exists(options.RuntimeBinary))
            throw GantryException.Of(ErrorKind.Invalid, $"the runtime {options.RuntimeBinary} does not exist: it starts the containers; build it, or name another one");
        const UnixFileMode Searchable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(options.DataRoot, Searchable);
        Directory.CreateDirectory(options.ExecRoot, Searchable);
        Directory.CreateDirectory(paths.Containers, Searchable);
    }

    /// <summary>One engine for each data root: two would take each other's containers for dead.</summary>
    private void Lock(EnginePaths paths)
    {
        try
        {
            Keep(new FileStream(paths.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException taken)
        {
            throw GantryException.Of(
                ErrorKind.Conflict,
                $"another engine has {Path.GetDirectoryName(paths.LockFile)}: stop it, or give this one a --data-root and --exec-root of its own",
                cause: taken);
        }
    }

    private static SeccompProfile? ReadSeccomp(string path)
    {
        if (path is "builtin" or "unconfined")
            return null;
        try
        {
            return SeccompProfile.Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"opening seccomp profile ({path}) failed: {e.Message}", cause: e);
        }
    }

    /// <summary>How the instance's bridge is made.</summary>
    /// <param name="options">With full paths.</param>
    /// <param name="engineId">What no other engine is called; null where no address is made up from it.</param>
    /// <param name="name">A container's name by its id; null when unknown.</param>
    private static BridgeOptions BridgeOptionsOf(EngineOptions options, string? engineId, Func<string, string?> name)
    {
        var instance = BridgeOptions.ForInstance(InstanceNames.Instance(options));
        return instance with
        {
            BridgeName = options.BridgeName ?? instance.BridgeName,
            BridgeAddress = options.BridgeAddress,
            FixedCidr = options.FixedCidr,
            EnableIPv6 = options.EnableIPv6,
            BridgeAddress6 = options.BridgeAddress6,
            FixedCidr6 = options.FixedCidr6,
            UniqueName = engineId,
            AddressPools = options.AddressPools,
            Mtu = options.Mtu,
            InterContainer = options.InterContainer,
            Masquerade = options.Masquerade,
            EnableForwarding = options.EnableForwarding,
            AllowDirectRouting = options.AllowDirectRouting,
            DefaultHostAddress = System.Net.IPAddress.Parse(options.DefaultHostAddress),
            ContainerName = name,
        };
    }

    private ImageOperations ImagesOf(EngineOptions options, ContentStore content, ContainerTable table, EventLog events, TimeProvider time)
    {
        var registry = Keep(new RegistryClient(Reload.RegistryOf(options)));
        return Keep(new ImageOperations(content, registry, table, events, time, options.MaxConcurrentDownloads));
    }

    private T Keep<T>(T part)
    {
        _closing.Push(part switch
        {
            IAsyncDisposable asynchronous => asynchronous.DisposeAsync,
            IDisposable synchronous => () =>
            {
                synchronous.Dispose();
                return ValueTask.CompletedTask;
            },
            _ => throw new ArgumentException("nothing to close", nameof(part)),
        });
        return part;
    }
}
