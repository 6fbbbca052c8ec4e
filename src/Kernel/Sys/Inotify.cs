using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>Notice of changes to files. Source: inotify(7).</summary>
public static unsafe partial class Inotify
{
    public const uint Modified = 0x2;
    public const uint MovedFrom = 0x40;
    public const uint MovedTo = 0x80;
    public const uint Created = 0x100;
    public const uint Deleted = 0x200;

    private const int IN_NONBLOCK = 0x800;
    private const int IN_CLOEXEC = 0x80000;

    /// <summary>Opens a queue of notices that does not block.</summary>
    public static Fd Open()
    {
        var descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        return descriptor >= 0 ? new Fd(descriptor) : throw new SyscallException("inotify_init1", Marshal.GetLastPInvokeError());
    }

    /// <summary>Watches a path for these changes; the same path twice gives the same number.</summary>
    public static int Watch(Fd inotify, string path, uint changes)
    {
        var watch = inotify_add_watch(inotify, path, changes);
        return watch >= 0 ? watch : throw new SyscallException("inotify_add_watch", Marshal.GetLastPInvokeError(), path);
    }

    /// <summary>Ends a watch; no error when it has ended by itself (its directory was removed).</summary>
    public static void Unwatch(Fd inotify, int watch) => _ = inotify_rm_watch(inotify, watch);

    /// <summary>Empties the queue.</summary>
    /// <param name="inotify">The queue.</param>
    /// <param name="watches">Gets the number of each watch that has seen something; -1: the queue ran over, any may have.</param>
    public static void Drain(Fd inotify, HashSet<int> watches)
    {
        const int header = 16; // struct inotify_event without its name: wd, mask, cookie, len
        var buffer = stackalloc byte[4096];
        while (true)
        {
            var count = Files.TryRead(inotify, new Span<byte>(buffer, 4096));
            if (count <= 0)
            {
                if (count is 0 or -Errno.EAGAIN)
                    return;
                throw new SyscallException("read", -count, "inotify");
            }
            for (var at = 0; at + header <= count; at += header + (int)*(uint*)(buffer + at + 12))
                watches.Add(*(int*)(buffer + at));
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int inotify_add_watch(Fd inotify, string path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_rm_watch(Fd inotify, int watch);
}
