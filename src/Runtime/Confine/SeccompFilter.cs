namespace Gantry.Runtime.Confine;

/// <summary>A compiled seccomp filter: what seccomp(2) SECCOMP_SET_MODE_FILTER takes.</summary>
/// <param name="Program">The BPF instructions, 8 bytes each (<c>struct sock_filter</c>), in this machine's byte order.</param>
/// <param name="Flags">The flags argument of seccomp(2). With <see cref="NeedsListener"/> it holds SECCOMP_FILTER_FLAG_NEW_LISTENER: the call then returns a descriptor instead of 0.</param>
public sealed record SeccompFilter(ReadOnlyMemory<byte> Program, uint Flags)
{
    /// <summary>SECCOMP_FILTER_FLAG_NEW_LISTENER.</summary>
    public const uint NewListener = 1 << 3;

    /// <summary>The number of instructions: <c>sock_fprog.len</c>.</summary>
    public int Length => Program.Length / 8;

    /// <summary>Whether an action is NOTIFY: loading the filter gives a descriptor to hand to the listener.</summary>
    public bool NeedsListener => (Flags & NewListener) != 0;
}
