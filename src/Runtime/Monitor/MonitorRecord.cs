using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Monitor;

/// <summary>Who a monitor is and what it holds: <c>monitor.json</c>.</summary>
/// <remarks>Pids come with their start time (clock ticks since boot), because pids are given out again.</remarks>
internal sealed record MonitorRecord
{
    public required int Pid { get; init; }

    public required long StartTicks { get; init; }

    /// <summary>0 before the container is created.</summary>
    public int InitPid { get; init; }

    public long InitStartTicks { get; init; }

    /// <summary>The container's control groups, by controller.</summary>
    public IReadOnlyDictionary<string, string> CgroupPaths { get; init; } = new Dictionary<string, string>();

    /// <summary>When a process was started, in clock ticks since boot: field 22 of <c>/proc/pid/stat</c>; 0 when it is gone.</summary>
    public static long StartTicksOf(int pid)
    {
        if (Files.TryOpenAt(null, $"/proc/{pid}/stat", OpenFlags.O_RDONLY, 0, out var file) < 0)
            return 0;
        using (file)
        {
            Span<byte> buffer = stackalloc byte[1024];
            var count = Files.TryRead(file!, buffer);
            if (count <= 0)
                return 0;
            // The name, field 2, is in parentheses and may hold anything: fields are counted from the last ')'.
            var text = buffer[(buffer[..count].LastIndexOf((byte)')') + 2)..count];
            for (var field = 3; field < 22; field++)
                text = text[(text.IndexOf((byte)' ') + 1)..];
            return long.Parse(text[..text.IndexOf((byte)' ')]);
        }
    }
}
