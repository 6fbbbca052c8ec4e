namespace Gantry.Model.Oci;

/// <summary>A seccomp filter as the OCI runtime spec has it: conditions already resolved.</summary>
public sealed record LinuxSeccomp
{
    public required string DefaultAction { get; init; }

    public uint? DefaultErrnoRet { get; init; }

    public IReadOnlyList<string>? Architectures { get; init; }

    public IReadOnlyList<string>? Flags { get; init; }

    public string? ListenerPath { get; init; }

    public string? ListenerMetadata { get; init; }

    public IReadOnlyList<LinuxSyscallRule>? Syscalls { get; init; }
}
