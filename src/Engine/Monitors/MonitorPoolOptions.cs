namespace Gantry.Engine.Monitors;

/// <summary>Which monitors a pool starts, and where they live.</summary>
public sealed record MonitorPoolOptions
{
    /// <summary>The <c>gantry-runtime</c> binary. It is run from a read-only mount of its own, so that no container can reach it.</summary>
    public required string RuntimePath { get; init; }

    /// <summary>Run-time state; a container's monitor lives in <c>containers/&lt;id&gt;/</c> below it.</summary>
    public required string ExecRoot { get; init; }

    /// <summary>How many monitors wait, started, for a container.</summary>
    public int Warm { get; init; } = 1;

    /// <summary>Where the runtime keeps what it caches (compiled seccomp filters); null: it caches nothing.</summary>
    public string? CachePath { get; init; }

    /// <summary>Takes what monitors have to complain about, line by line; null: nobody listens.</summary>
    public Action<string>? OnComplaint { get; init; }
}
