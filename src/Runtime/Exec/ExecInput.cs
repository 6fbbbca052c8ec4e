using Gantry.Model.Oci;
using Gantry.Runtime.Init;

namespace Gantry.Runtime.Exec;

/// <summary>What the program of an exec is compiled from. Data only.</summary>
internal sealed record ExecInput
{
    public required ProcessInput Process { get; init; }

    public required int Sync { get; init; }

    /// <summary>The container's init.</summary>
    public required int InitPidFd { get; init; }

    /// <summary>The namespaces to join, but the pid namespace, which the parent's thread has joined.</summary>
    public required uint Namespaces { get; init; }

    /// <summary>Whether the container has a user namespace of its own.</summary>
    public required bool UserNamespace { get; init; }

    public IReadOnlyList<int> CgroupFiles { get; init; } = [];

    public LinuxPersonality? Personality { get; init; }
}
