using System.Runtime.InteropServices;
using System.Text;
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

    /// <summary>Watches a path for these changes.</summary>
    public static void Watch(Fd inotify, string path, uint changes)
    {
        if (inotify_add_watch(inotify, path, changes) < 0)
            throw new SyscallException("inotify_add_watch", Marshal.GetLastPInvokeError(), path);
    }

    /// <summary>Empties the queue.</summary>
    /// <param name="inotify">The queue.</param>
    /// <param name="name">Only notices about this name below a watched directory count.</param>
    /// <returns>The changes to it, together; 0: none.</returns>
    public static uint Drain(Fd inotify, ReadOnlySpan<byte> name)
    {
        const int header = 16; // struct inotify_event without its name
        var changes = 0u;
        var buffer = stackalloc byte[4096];
        while (true)
        {
            var count = Files.TryRead(inotify, new Span<byte>(buffer, 4096));
            if (count <= 0)
                return count is 0 or -Errno.EAGAIN ? changes : throw new SyscallException("read", -count, "inotify");
            for (var at = 0; at + header <= count;)
            {
                var mask = *(uint*)(buffer + at + 4);
                var length = (int)*(uint*)(buffer + at + 12);
                var found = new ReadOnlySpan<byte>(buffer + at + header, length).TrimEnd((byte)0);
                if (found.SequenceEqual(name) || (mask & 0x4000) != 0) // IN_Q_OVERFLOW: something was missed
                    changes |= mask == 0x4000 ? Modified | Created : mask;
                at += header + length;
            }
        }
    }

    /// <summary>A name as the kernel gives it back.</summary>
    public static byte[] NameBytes(string path) => Encoding.UTF8.GetBytes(Path.GetFileName(path));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int inotify_add_watch(Fd inotify, string path, uint mask);
}
