namespace Gantry.Model.Oci;

/// <summary>An action for a set of system calls.</summary>
public sealed record LinuxSyscallRule
{
    public required IReadOnlyList<string> Names { get; init; }

    public required string Action { get; init; }

    public uint? ErrnoRet { get; init; }

    public IReadOnlyList<LinuxSyscallArg>? Args { get; init; }
}
