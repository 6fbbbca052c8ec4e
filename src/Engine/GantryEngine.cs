using Gantry.Build;
using Gantry.Engine.Builds;
using Gantry.Engine.Commit;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Events;
using Gantry.Engine.Exec;
using Gantry.Engine.Copy;
using Gantry.Engine.History;
using Gantry.Engine.Images;
using Gantry.Engine.Networks;
using Gantry.Engine.Prune;
using Gantry.Engine.Uploads;
using Gantry.Engine.Usage;
using Gantry.Engine.Volumes;
using Microsoft.Extensions.Logging;

namespace Gantry.Engine;

/// <summary>The engine: the life of containers and all they need. One per data root.</summary>
public sealed class GantryEngine : IAsyncDisposable
{
    private readonly EngineAssembly _assembly;

    internal GantryEngine(EngineAssembly assembly, ContainerOperations containers, ExecOperations execs, BuildOperations builds, SystemReport report)
    {
        _assembly = assembly;
        var parts = assembly.Parts;
        Containers = containers;
        Execs = execs;
        Builds = builds;
        Commits = new CommitOperations(parts, containers);
        Files = new FileOperations(parts);
        Images = parts.Images;
        Networks = new NetworkOperations(parts);
        Pruning = new PruneOperations(parts, containers, builds);
        BuildHistory = BuildHistory.Open(parts.Paths.BuildLogs, parts.Time);
        Builder = new LoggedBuilder(builds, BuildHistory);
        Uploads = BuildUploads.Open(parts.Paths.Uploads);
        Usage = new DiskUsage(parts, containers, builds);
        Volumes = new VolumeOperations(parts, containers.Mounts);
        Events = parts.Events;
        Report = report;
    }

    public ContainerOperations Containers { get; }

    public ExecOperations Execs { get; }

    public BuildOperations Builds { get; }

    public CommitOperations Commits { get; }

    public FileOperations Files { get; }

    public ImageOperations Images { get; }

    public NetworkOperations Networks { get; }

    public PruneOperations Pruning { get; }

    public DiskUsage Usage { get; }

    /// <summary>The logs of the newest builds.</summary>
    public BuildHistory BuildHistory { get; }

    /// <summary>Builds images, and keeps the logs of its builds.</summary>
    public IBuilder Builder { get; }

    /// <summary>Takes in what clients send with their builds.</summary>
    public BuildUploads Uploads { get; }

    public VolumeOperations Volumes { get; }

    public EventLog Events { get; }

    public SystemReport Report { get; }

    /// <summary>Opens the engine on its roots: makes them where they are missing, and finds what an earlier engine left running.</summary>
    /// <param name="options">Its configuration.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="lifetime">Ends when the process is to stop; operations that are past their commit end with it.</param>
    /// <exception cref="Model.GantryException">Conflict: another engine has these roots.</exception>
    public static Task<GantryEngine> OpenAsync(EngineOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken lifetime) =>
        EngineAssembly.OpenAsync(options, time, loggers.CreateLogger("Gantry.Engine"), lifetime);

    /// <summary>Lets go of everything; containers keep running.</summary>
    public ValueTask DisposeAsync() => _assembly.DisposeAsync();

    /// <summary>Whether clients are told to build with BuildKit.</summary>
    public bool OffersBuildKit => _assembly.Parts.Options.OffersBuildKit;

    /// <summary>Takes over the options that can change while it runs, and tells it with the event <c>reload</c>. The others stay as they are.</summary>
    public void Reload(EngineOptions options) => Composition.Reload.Apply(_assembly.Parts, Report.Id, options);

    /// <summary>Closes it and removes every trace of its network from the kernel: for an engine that will not come back, as in tests.</summary>
    /// <remarks>Containers that still run lose their network.</remarks>
    public async Task RemoveTracesAsync()
    {
        await DisposeAsync();
        await _assembly.RemoveTracesAsync();
    }
}
