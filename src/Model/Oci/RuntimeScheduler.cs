namespace Gantry.Model.Oci;

/// <summary>Scheduling policy. Source: sched_setattr(2).</summary>
public sealed record RuntimeScheduler
{
    /// <summary>As in <c>SCHED_OTHER</c>.</summary>
    public required string Policy { get; init; }

    public int? Nice { get; init; }

    public int? Priority { get; init; }

    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>Nanoseconds; SCHED_DEADLINE only.</summary>
    public ulong? Runtime { get; init; }

    /// <summary>Nanoseconds; SCHED_DEADLINE only.</summary>
    public ulong? Deadline { get; init; }

    /// <summary>Nanoseconds; SCHED_DEADLINE only.</summary>
    public ulong? Period { get; init; }
}
