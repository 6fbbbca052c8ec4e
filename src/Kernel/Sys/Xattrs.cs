using System.Runtime.InteropServices;
using System.Text;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>Extended attributes. Calls return a negative error number when they fail. See xattr(7).</summary>
public static unsafe partial class Xattrs
{
    /// <summary>Sets an attribute of an open file (not one opened with O_PATH).</summary>
    public static int Set(Fd file, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
            return Result(fsetxattr(file, name, bytes, (nuint)value.Length, 0));
    }

    /// <summary>Sets an attribute of a name in a directory; a link is not followed.</summary>
    /// <param name="directory">May be opened with O_PATH.</param>
    /// <param name="entry">One component, ending in NUL.</param>
    public static int Set(Fd directory, ReadOnlySpan<byte> entry, string name, ReadOnlySpan<byte> value)
    {
        // setxattrat(2) is new in Linux 6.13; the way by /proc works everywhere.
        var path = PathOf(directory, entry);
        fixed (byte* p = path, bytes = value)
        {
            var result = Result(lsetxattr(p, name, bytes, (nuint)value.Length, 0));
            GC.KeepAlive(directory);
            return result;
        }
    }

    /// <summary>An attribute of a name in a directory; null when it has none.</summary>
    public static byte[]? Find(Fd directory, ReadOnlySpan<byte> entry, string name)
    {
        var path = PathOf(directory, entry);
        var buffer = new byte[64];
        while (true)
        {
            fixed (byte* p = path, bytes = buffer)
            {
                var length = (int)lgetxattr(p, name, bytes, (nuint)buffer.Length);
                GC.KeepAlive(directory);
                if (length >= 0)
                    return buffer[..length];
                if (Marshal.GetLastPInvokeError() != Abi.Errno.ERANGE)
                    return null;
            }

            // The kernel's limit for a value is 64 KiB.
            buffer = new byte[65536];
        }
    }

    /// <summary>The names of a file's attributes; empty when there are none or the filesystem has no such thing.</summary>
    public static IReadOnlyList<string> List(Fd directory, ReadOnlySpan<byte> entry)
    {
        var path = PathOf(directory, entry);
        var few = stackalloc byte[1024];
        fixed (byte* p = path)
        {
            var length = llistxattr(p, few, 1024);
            GC.KeepAlive(directory);
            if (length <= 0 && (length == 0 || Marshal.GetLastPInvokeError() != Abi.Errno.ERANGE))
                return [];
            if (length > 0)
                return Names(new ReadOnlySpan<byte>(few, (int)length));
            // The kernel's limit for a list is 64 KiB.
            var buffer = new byte[65536];
            fixed (byte* bytes = buffer)
                length = llistxattr(p, bytes, (nuint)buffer.Length);
            GC.KeepAlive(directory);
            return length <= 0 ? [] : Names(buffer.AsSpan(0, (int)length));
        }
    }

    private static string[] Names(ReadOnlySpan<byte> list) => Encoding.UTF8.GetString(list[..^1]).Split('\0');

    private static byte[] PathOf(Fd directory, ReadOnlySpan<byte> entry) =>
        entry.Length == 1 ? [.. Encoding.ASCII.GetBytes(directory.ProcPath), (byte)'/', (byte)'.', 0] : [.. Encoding.ASCII.GetBytes(directory.ProcPath), (byte)'/', .. entry];

    private static int Result(int result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int fsetxattr(Fd file, string name, byte* value, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lsetxattr(byte* path, string name, byte* value, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint lgetxattr(byte* path, string name, byte* value, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint llistxattr(byte* path, byte* list, nuint size);
}
