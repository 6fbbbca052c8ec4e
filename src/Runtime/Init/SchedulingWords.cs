using System.Buffers.Binary;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Init;

/// <summary>Words of the config for scheduling and personality, as the kernel's numbers. Source: sched_setattr(2), ioprio_set(2), personality(2).</summary>
internal static class SchedulingWords
{
    private const int AttributesSize = 48;
    private static readonly string[] Policies = ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"];

    private static readonly string[] Flags =
    [
        "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY",
        "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX",
    ];

    private static readonly Dictionary<string, long> PersonalityFlags = new(StringComparer.Ordinal)
    {
        ["UNAME26"] = 0x0020000,
        ["ADDR_NO_RANDOMIZE"] = 0x0040000,
        ["FDPIC_FUNCPTRS"] = 0x0080000,
        ["MMAP_PAGE_ZERO"] = 0x0100000,
        ["ADDR_COMPAT_LAYOUT"] = 0x0200000,
        ["READ_IMPLIES_EXEC"] = 0x0400000,
        ["ADDR_LIMIT_32BIT"] = 0x0800000,
        ["SHORT_INODE"] = 0x1000000,
        ["WHOLE_SECONDS"] = 0x2000000,
        ["STICKY_TIMEOUTS"] = 0x4000000,
        ["ADDR_LIMIT_3GB"] = 0x8000000,
    };

    /// <summary>struct sched_attr, version 0.</summary>
    /// <exception cref="GantryException">Invalid: an unknown policy or flag, or a value that the policy does not take.</exception>
    public static byte[] Attributes(RuntimeScheduler scheduler)
    {
        var policy = Array.IndexOf(Policies, scheduler.Policy);
        if (policy < 0) throw Invalid($"unknown scheduler policy \"{scheduler.Policy}\": use one of {string.Join(", ", Policies)}");
        if (scheduler.Nice is { } nice && nice is < -20 or > 19) throw Invalid($"scheduler nice value {scheduler.Nice} is out of range: -20 to 19");
        if ((scheduler.Nice ?? 0) != 0 && scheduler.Policy is not ("SCHED_OTHER" or "SCHED_BATCH")) throw Invalid("scheduler.nice can only be specified for SCHED_OTHER or SCHED_BATCH");
        if ((scheduler.Priority ?? 0) != 0 && scheduler.Policy is not ("SCHED_FIFO" or "SCHED_RR")) throw Invalid("scheduler.priority can only be specified for SCHED_FIFO or SCHED_RR");
        if (((scheduler.Runtime ?? 0) | (scheduler.Deadline ?? 0) | (scheduler.Period ?? 0)) != 0 && scheduler.Policy != "SCHED_DEADLINE")
            throw Invalid("scheduler runtime, deadline and period can only be specified for SCHED_DEADLINE");
        ulong flags = 0;
        foreach (var flag in scheduler.Flags ?? [])
        {
            var bit = Array.IndexOf(Flags, flag);
            flags |= bit < 0 ? throw Invalid($"unknown scheduler flag \"{flag}\"") : 1UL << bit;
        }

        var bytes = new byte[AttributesSize];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteInt32LittleEndian(span, AttributesSize);
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], policy);
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], flags);
        BinaryPrimitives.WriteInt32LittleEndian(span[16..], scheduler.Nice ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(span[20..], scheduler.Priority ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(span[24..], scheduler.Runtime ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(span[32..], scheduler.Deadline ?? 0);
        BinaryPrimitives.WriteUInt64LittleEndian(span[40..], scheduler.Period ?? 0);
        return bytes;
    }

    /// <summary>The value of ioprio_set(2).</summary>
    /// <exception cref="GantryException">Invalid: an unknown class, or a priority outside 0–7.</exception>
    public static int IoPriority(RuntimeIoPriority priority)
    {
        if (priority.Priority is < 0 or > 7) throw Invalid($"ioPriority.priority {priority.Priority} is out of range: 0 to 7");
        var kind = priority.Class switch
        {
            "IOPRIO_CLASS_RT" => 1,
            "IOPRIO_CLASS_BE" => 2,
            "IOPRIO_CLASS_IDLE" => 3,
            _ => throw Invalid($"unknown ioPriority.class \"{priority.Class}\": use IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE"),
        };
        return (kind << 13) | priority.Priority;
    }

    /// <summary>The value of personality(2).</summary>
    /// <exception cref="GantryException">Invalid: an unknown domain or flag.</exception>
    public static long Personality(LinuxPersonality personality)
    {
        var value = personality.Domain switch
        {
            "LINUX" => 0L,
            "LINUX32" => 8,
            _ => throw Invalid($"unknown personality domain \"{personality.Domain}\": use LINUX or LINUX32"),
        };
        foreach (var flag in personality.Flags ?? [])
            value |= PersonalityFlags.TryGetValue(flag, out var bit) ? bit : throw Invalid($"unknown personality flag \"{flag}\"");
        return value;
    }

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message);
}
