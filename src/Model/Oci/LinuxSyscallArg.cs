namespace Gantry.Model.Oci;

/// <summary>A condition on one argument of a system call; all of a rule's conditions must hold.</summary>
public sealed record LinuxSyscallArg
{
    public uint Index { get; init; }

    public ulong Value { get; init; }

    public ulong? ValueTwo { get; init; }

    /// <summary>As in <c>SCMP_CMP_EQ</c>.</summary>
    public required string Op { get; init; }
}
