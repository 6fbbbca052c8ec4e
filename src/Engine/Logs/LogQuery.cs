namespace Gantry.Engine.Logs;

/// <summary>Which lines of a container's log are wanted. Bounds are inclusive.</summary>
public sealed record LogQuery
{
    public bool Stdout { get; init; } = true;

    public bool Stderr { get; init; } = true;

    /// <summary>Whether to wait for lines to come. Ends when the caller cancels, or when <see cref="Ended"/> completes.</summary>
    public bool Follow { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>How many of the last lines; null: all of them.</summary>
    public int? Tail { get; init; }

    /// <summary>While following: completes when nothing more will be written, that is when the container has ended.</summary>
    public Task? Ended { get; init; }
}
