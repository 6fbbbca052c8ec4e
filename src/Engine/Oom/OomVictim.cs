using System.Globalization;
using System.Text;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Oom;

/// <summary>The process that the kernel killed for want of memory.</summary>
/// <param name="Process">Its name, at most 15 bytes of it.</param>
/// <param name="Pid">As the host counted it.</param>
public sealed record OomVictim(string Process, int Pid)
{
    // A record has at most 1024 bytes of text, the ring at most some thousand of them.
    private const int MaxRecord = 8192;
    private const int MaxRecords = 100_000;

    /// <summary>The last one that the kernel's log names for a container; null when it names none, or may not be read.</summary>
    public static OomVictim? Find(ContainerId container)
    {
        // NOTE: each read of /dev/kmsg gives one record; O_NONBLOCK ends with EAGAIN instead of waiting for news.
        if (Files.TryOpenAt(null, "/dev/kmsg", OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK, 0, out var log) < 0)
            return null;
        using (log)
        {
            OomVictim? victim = null;
            var buffer = new byte[MaxRecord];
            for (var i = 0; i < MaxRecords; i++)
            {
                var count = Files.TryRead(log!, buffer);
                if (count == -Kernel.Abi.Errno.EPIPE)
                    continue; // overwritten while it was read: goes on with the oldest
                if (count <= 0)
                    break;
                victim = Parse(Encoding.UTF8.GetString(buffer, 0, count), container) ?? victim;
            }
            return victim;
        }
    }

    /// <summary>Reads one record of the kernel's log; null when it is not about this container.</summary>
    /// <remarks>Source: mm/oom_kill.c dump_oom_victim: <c>oom-kill:constraint=…,oom_memcg=/gantry/ID,task_memcg=…,task=NAME,pid=N,uid=N</c>.</remarks>
    public static OomVictim? Parse(string record, ContainerId container)
    {
        var text = record.IndexOf("oom-kill:", StringComparison.Ordinal);
        if (text < 0 || !record.AsSpan(text).Contains($"/{container}", StringComparison.Ordinal))
            return null;
        var task = record.IndexOf(",task=", text, StringComparison.Ordinal);
        // A name may hold anything, commas too: the last of these is the kernel's own.
        var pid = record.LastIndexOf(",pid=", StringComparison.Ordinal);
        var uid = record.LastIndexOf(",uid=", StringComparison.Ordinal);
        if (task < 0 || pid < task + 6 || uid < pid || !int.TryParse(record.AsSpan(pid + 5, uid - pid - 5), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        return new OomVictim(record[(task + 6)..pid], number);
    }
}
