using Gantry.Engine.Containers;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Events;
using Gantry.Engine.Images;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Engine.Volumes;
using Gantry.Network.Bridge;
using Gantry.Store;
using Microsoft.Extensions.Logging;

namespace Gantry.Engine.Composition;

/// <summary>What the operations work with: the rooms below, and what the engine itself keeps.</summary>
internal sealed record EngineParts
{
    /// <summary>Replaced as a whole when the configuration is read again.</summary>
    public required EngineOptions Options { get; set; }

    /// <summary>The configured seccomp profile; null: the one built in.</summary>
    public required SeccompProfile? SeccompProfile { get; init; }

    public required EnginePaths Paths { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required BackgroundTasks Background { get; init; }

    public required HostFacts Facts { get; init; }

    public required Database Database { get; init; }

    public required ContainerRows Rows { get; init; }

    public required ContainerTable Containers { get; init; }

    public required EventLog Events { get; init; }

    public required ImageOperations Images { get; init; }

    public required SnapshotStore Snapshots { get; init; }

    /// <summary>Frees what nothing refers to any more.</summary>
    public required Collector Collector { get; init; }

    public required VolumeStore Volumes { get; init; }

    public required BridgeNetwork Bridge { get; init; }

    public required MonitorPool Monitors { get; init; }

    /// <summary>The cgroup above this instance's containers.</summary>
    public required string CgroupParent { get; init; }

    /// <summary>The default bridge's id in the API.</summary>
    public required string BridgeId { get; init; }

    /// <summary>The ids of the other predefined networks.</summary>
    public required string HostNetworkId { get; init; }

    public required string NoneNetworkId { get; init; }

    /// <summary>A stack of undos whose failures are logged.</summary>
    public UndoStack NewUndo() => new(TimeSpan.FromSeconds(20), (step, failure) => Logger.UndoFailed(step, failure));
}
