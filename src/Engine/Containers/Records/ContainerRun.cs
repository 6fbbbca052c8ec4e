using Gantry.Engine.Oom;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Containers.Records;

/// <summary>How a container is doing, or how its last run went.</summary>
public sealed record ContainerRun
{
    /// <summary>One of <see cref="ContainerStatus"/>.</summary>
    public string Status { get; init; } = ContainerStatus.Created;

    /// <summary>The first process, as the host counts; 0 when there is none.</summary>
    public int Pid { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Of the last run, or 126, 127, 128 when it could not be started.</summary>
    public int ExitCode { get; init; }

    public bool OomKilled { get; init; }

    /// <summary>What is known of that; null when nothing was killed, or nothing is known.</summary>
    public OomRecord? Oom { get; init; }

    /// <summary>Why the last start failed; empty when it did not.</summary>
    public string Error { get; init; } = "";

    /// <summary>Whether somebody asked for its end: then no policy restarts it.</summary>
    public bool StoppedByHand { get; init; }

    /// <summary>How often the policy has restarted it since somebody started it.</summary>
    public int Restarts { get; init; }

    /// <summary>Null when the container has no health check, or never ran.</summary>
    public MonitorHealth? Health { get; init; }
}
