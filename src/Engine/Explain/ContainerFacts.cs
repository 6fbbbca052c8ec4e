using Gantry.Engine.Containers.Records;

namespace Gantry.Engine.Explain;

/// <summary>All that the rules look at. Gathered by <see cref="ExplainContainer"/>; the rules are pure.</summary>
internal sealed record ContainerFacts
{
    public required ContainerRecord Record { get; init; }

    /// <summary>The last lines of the log, oldest first, without control characters.</summary>
    public required IReadOnlyList<string> LastLines { get; init; }

    /// <summary>Its files, when it could not be started; null otherwise, and when they cannot be looked at.</summary>
    public IContainerFiles? Files { get; init; }

    /// <summary>Where its processes listen; null when that is unknown, as when none run.</summary>
    public IReadOnlyList<Listener>? Listeners { get; init; }

    /// <summary>How many processes and threads it has; null when that is unknown.</summary>
    public long? Processes { get; init; }

    public ContainerRun Run => Record.Run;

    /// <summary>How long the last run took; null when there was none, or it goes on.</summary>
    public TimeSpan? Ran => Run is { StartedAt: { } from, FinishedAt: { } to } && to >= from ? to - from : null;

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string> Words => [Record.Path, .. Record.Arguments];

    /// <summary>How a command line names the image.</summary>
    public string Image => Record.ImageName is { Length: > 0 } name ? name : Record.ImageId.Short;
}
