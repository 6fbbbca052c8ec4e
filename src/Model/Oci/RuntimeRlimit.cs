namespace Gantry.Model.Oci;

/// <summary>One resource limit; <c>ulong.MaxValue</c> is infinity.</summary>
public sealed record RuntimeRlimit
{
    /// <summary>As in <c>RLIMIT_NOFILE</c>.</summary>
    public required string Type { get; init; }

    public required ulong Hard { get; init; }

    public required ulong Soft { get; init; }
}
