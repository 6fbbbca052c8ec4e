using Gantry.Kernel.Abi;

namespace Gantry.Kernel.Sys;

/// <summary>A system call failed: which one, on what, and how. Rooms translate it at their entrance.</summary>
public sealed class SyscallException(string call, int errno, string? subject = null)
    : Exception(subject is null ? $"{call}: {Errno.Name(errno)}" : $"{call} {subject}: {Errno.Name(errno)}")
{
    /// <summary>The system call, as its man page names it.</summary>
    public string Call { get; } = call;

    /// <summary>The error number, positive.</summary>
    public int Number { get; } = errno;

    /// <summary>What the call was about: a path, an interface, a pid.</summary>
    public string? Subject { get; } = subject;
}
