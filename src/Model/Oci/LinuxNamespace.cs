namespace Gantry.Model.Oci;

/// <summary>A namespace to make, or to join when it has a path.</summary>
public sealed record LinuxNamespace
{
    /// <summary>One of pid network mount ipc uts user cgroup time.</summary>
    public required string Type { get; init; }

    public string? Path { get; init; }
}
