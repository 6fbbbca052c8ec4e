using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>The flags of seccomp(2) by their names in the spec. Source: uapi/linux/seccomp.h.</summary>
internal static class SeccompFlags
{
    private const uint Tsync = 1 << 0;
    private const uint Log = 1 << 1;
    private const uint SpecAllow = 1 << 2;
    private const uint WaitKillableRecv = 1 << 5;

    /// <exception cref="GantryException">Invalid: an unknown flag, or a listener for nothing.</exception>
    public static uint Of(LinuxSeccomp seccomp)
    {
        var flags = 0u;
        foreach (var flag in seccomp.Flags ?? [])
        {
            flags |= flag switch
            {
                // A launched process has one thread when it loads its filter; with a listener the kernel refuses TSYNC.
                "SECCOMP_FILTER_FLAG_TSYNC" => 0u,
                "SECCOMP_FILTER_FLAG_LOG" => Log,
                "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => SpecAllow,
                "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" => WaitKillableRecv,
                _ => throw GantryException.Of(ErrorKind.Invalid, $"seccomp: \"{flag}\" is not a flag: they are like SECCOMP_FILTER_FLAG_LOG"),
            };
        }

        var notifies = (seccomp.Syscalls ?? []).Where(rule => rule.Action == "SCMP_ACT_NOTIFY").ToList();
        if (notifies.Count > 0)
        {
            if (string.IsNullOrEmpty(seccomp.ListenerPath))
                throw GantryException.Of(ErrorKind.Invalid, "seccomp: SCMP_ACT_NOTIFY is used, but no listenerPath says whom to notify");
            // The launched process still has to report its state with write before anybody listens.
            if (notifies.Exists(rule => rule.Names.Contains("write")))
                throw GantryException.Of(ErrorKind.Invalid, "seccomp: SCMP_ACT_NOTIFY cannot be used for the write syscall");
            flags |= SeccompFilter.NewListener;
        }
        else if ((flags & WaitKillableRecv) != 0)
        {
            throw GantryException.Of(ErrorKind.Invalid, "seccomp: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is given without any SCMP_ACT_NOTIFY");
        }
        else if (!string.IsNullOrEmpty(seccomp.ListenerPath))
        {
            throw GantryException.Of(ErrorKind.Invalid, "seccomp: listenerPath is given, but no rule has SCMP_ACT_NOTIFY");
        }

        return flags & ~Tsync;
    }
}
