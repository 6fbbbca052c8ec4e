namespace Gantry.Kernel.Abi;

/// <summary>The capabilities of Linux: names, numbers and bit masks. Source: uapi/linux/capability.h of kernel 6.18.</summary>
public static class Capability
{
    // In the order of their numbers; CAP_CHECKPOINT_RESTORE (40) is the newest.
    private static readonly string[] _names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
        "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
        "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME",
        "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
        "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    private static readonly Dictionary<string, int> _numbers =
        _names.Select((name, number) => (name, number)).ToDictionary(pair => pair.name, pair => pair.number, StringComparer.Ordinal);

    /// <summary>Every name we know, in the order of the numbers.</summary>
    public static IReadOnlyList<string> Names => _names;

    /// <summary>The number of a capability by its full name in capitals (<c>CAP_CHOWN</c>); -1 when there is none.</summary>
    public static int Find(string name) => _numbers.GetValueOrDefault(name, -1);

    /// <summary>The name of a capability; <c>CAP_41</c> and so on for those newer than we are.</summary>
    public static string Name(int number) => number < _names.Length ? _names[number] : $"CAP_{number}";

    /// <summary>The names of the bits set in a mask, in the order of the numbers; bits without a name are left out.</summary>
    public static IReadOnlyList<string> NamesOf(ulong mask)
    {
        var names = new List<string>();
        for (var number = 0; number < _names.Length; number++)
        {
            if ((mask & (1UL << number)) != 0)
                names.Add(_names[number]);
        }

        return names;
    }
}
