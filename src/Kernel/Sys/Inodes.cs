using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>
/// Files by directory descriptor and raw name: what unpacking an archive needs. Names are bytes ending in NUL, as archives
/// hold them, not always UTF-8. Calls return a negative error number when they fail; null for a directory means the
/// current one, for absolute names.
/// </summary>
/// <remarks>Each method is the system call of its name: see its man page.</remarks>
public static unsafe partial class Inodes
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Truncate = 0x200;
    public const int NonBlocking = 0x800;
    public const int NoAccessTime = 0x40000;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;

    /// <summary>unlinkat: remove a directory.</summary>
    public const int RemoveDirectory = 0x200;

    /// <summary>Act on a link itself.</summary>
    public const int SymlinkNoFollow = 0x100;

    /// <summary>Act on the descriptor when the name is empty.</summary>
    public const int EmptyPath = 0x1000;

    /// <summary>openat2: no link of /proc may be followed.</summary>
    public const ulong NoMagicLinks = 0x02;

    /// <summary>openat2: no link at all may be followed.</summary>
    public const ulong NoSymlinks = 0x04;

    /// <summary>openat2: the name must not lead out of the directory.</summary>
    public const ulong Beneath = 0x08;

    /// <summary>openat2: the directory is the root for the resolution, as in chroot.</summary>
    public const ulong InRoot = 0x10;

    private const int CurrentDirectory = -100;
    private const nint Openat2Number = 437;

    // O_DIRECTORY and O_NOFOLLOW are among the few flags that differ between the architectures.
    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static int Directory => s_arm ? 0x4000 : 0x10000;

    public static int NoFollow => s_arm ? 0x8000 : 0x20000;

    /// <summary>The name of the directory itself, for <see cref="EmptyPath"/>.</summary>
    public static ReadOnlySpan<byte> Empty => "\0"u8;

    /// <summary>openat(2), always close-on-exec.</summary>
    public static int Open(Fd? directory, ReadOnlySpan<byte> name, int flags, uint mode, out Fd file)
    {
        Check(name);
        var number = Number(directory);
        int result;
        fixed (byte* bytes = name)
        {
            do
                result = Result(openat(number, bytes, flags | CloseOnExec, mode));
            while (result == -Errno.EINTR);
        }

        GC.KeepAlive(directory);
        file = new(result < 0 ? -1 : result);
        return result < 0 ? result : 0;
    }

    /// <summary>openat2(2), always close-on-exec. EAGAIN (a rename raced with "..") is tried again, a few times.</summary>
    public static int OpenResolved(Fd directory, ReadOnlySpan<byte> name, int flags, uint mode, ulong resolve, out Fd file)
    {
        Check(name);
        var how = stackalloc ulong[3] { (ulong)(uint)(flags | CloseOnExec), mode, resolve };
        var result = 0;
        fixed (byte* bytes = name)
        {
            for (var attempt = 0; attempt < 64; attempt++)
            {
                result = (int)Result(syscall(Openat2Number, directory.Number, (nint)bytes, (nint)how, 24, 0, 0));
                if (result != -Errno.EINTR && result != -Errno.EAGAIN)
                    break;
            }
        }

        GC.KeepAlive(directory);
        file = new(result < 0 ? -1 : result);
        return result < 0 ? result : 0;
    }

    public static int MakeDirectory(Fd? directory, ReadOnlySpan<byte> name, uint mode)
    {
        Check(name);
        fixed (byte* bytes = name)
            return Keep(directory, Result(mkdirat(Number(directory), bytes, mode)));
    }

    public static int MakeSymlink(ReadOnlySpan<byte> target, Fd? directory, ReadOnlySpan<byte> name)
    {
        Check(target);
        Check(name);
        fixed (byte* text = target, bytes = name)
            return Keep(directory, Result(symlinkat(text, Number(directory), bytes)));
    }

    /// <summary>linkat(2); a link as the source is linked itself.</summary>
    public static int MakeLink(Fd? sourceDirectory, ReadOnlySpan<byte> source, Fd? directory, ReadOnlySpan<byte> name)
    {
        Check(source);
        Check(name);
        fixed (byte* from = source, bytes = name)
            return Keep(directory, Keep(sourceDirectory, Result(linkat(Number(sourceDirectory), from, Number(directory), bytes, 0))));
    }

    /// <summary>mknodat(2): devices, fifos, whiteouts.</summary>
    public static int MakeNode(Fd? directory, ReadOnlySpan<byte> name, uint mode, uint major, uint minor)
    {
        Check(name);
        var device = ((ulong)(minor & 0xFF)) | ((ulong)(major & 0xFFF) << 8) | ((ulong)(minor & ~0xFFu) << 12) | ((ulong)(major & ~0xFFFu) << 32);
        fixed (byte* bytes = name)
            return Keep(directory, Result(mknodat(Number(directory), bytes, mode, device)));
    }

    public static int Unlink(Fd? directory, ReadOnlySpan<byte> name, int flags = 0)
    {
        Check(name);
        fixed (byte* bytes = name)
            return Keep(directory, Result(unlinkat(Number(directory), bytes, flags)));
    }

    public static int Rename(Fd? fromDirectory, ReadOnlySpan<byte> from, Fd? toDirectory, ReadOnlySpan<byte> to)
    {
        Check(from);
        Check(to);
        fixed (byte* source = from, target = to)
            return Keep(toDirectory, Keep(fromDirectory, Result(renameat(Number(fromDirectory), source, Number(toDirectory), target))));
    }

    /// <summary>fchownat(2); links are not followed.</summary>
    public static int ChangeOwner(Fd? directory, ReadOnlySpan<byte> name, uint uid, uint gid)
    {
        Check(name);
        fixed (byte* bytes = name)
            return Keep(directory, Result(fchownat(Number(directory), bytes, uid, gid, SymlinkNoFollow | (name.Length == 1 ? EmptyPath : 0))));
    }

    public static int ChangeOwner(Fd file, uint uid, uint gid) => Result(fchown(file, uid, gid));

    public static int ChangeMode(Fd file, uint mode) => Result(fchmod(file, mode));

    /// <summary>fchmodat(2). The name must not be a link: it would be followed.</summary>
    public static int ChangeMode(Fd? directory, ReadOnlySpan<byte> name, uint mode)
    {
        Check(name);
        fixed (byte* bytes = name)
            return Keep(directory, Result(fchmodat(Number(directory), bytes, mode, 0)));
    }

    /// <summary>Changes the mode of whatever a descriptor stands for, even one opened with O_PATH; EOPNOTSUPP for a link.</summary>
    /// <remarks>The way for files in hostile directories: fchmodat(2) by name follows a link that was put there meanwhile.</remarks>
    public static int ChangeModeOf(Fd any, uint mode)
    {
        ReadOnlySpan<byte> path = [.. System.Text.Encoding.ASCII.GetBytes(any.ProcPath), 0];
        fixed (byte* bytes = path)
            return Keep(any, Result(fchmodat(CurrentDirectory, bytes, mode, 0)));
    }

    public static int SetTimes(Fd file, FileTime accessed, FileTime modified)
    {
        var times = stackalloc FileTime[2] { accessed, modified };
        return Result(futimens(file, times));
    }

    /// <summary>utimensat(2); links are not followed.</summary>
    public static int SetTimes(Fd? directory, ReadOnlySpan<byte> name, FileTime accessed, FileTime modified)
    {
        Check(name);
        var times = stackalloc FileTime[2] { accessed, modified };
        fixed (byte* bytes = name)
            return Keep(directory, Result(utimensat(Number(directory), bytes, times, SymlinkNoFollow)));
    }

    private const uint BasicStatus = 0x7FF; // STATX_BASIC_STATS
    private const uint StatusOfMount = 0x1000; // STATX_MNT_ID

    /// <summary>statx(2); links are not followed.</summary>
    public static int Status(Fd? directory, ReadOnlySpan<byte> name, out InodeStatus status)
    {
        Check(name);
        status = default;
        fixed (InodeStatus* result = &status)
        fixed (byte* bytes = name)
            return Keep(directory, Result(statx(Number(directory), bytes, SymlinkNoFollow | EmptyPath, BasicStatus | StatusOfMount, result)));
    }

    /// <summary>readlinkat(2).</summary>
    /// <returns>The target's length in the buffer, without NUL; cut when the buffer is full.</returns>
    public static int ReadLink(Fd? directory, ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        Check(name);
        fixed (byte* bytes = name, target = buffer)
            return Keep(directory, (int)Result(readlinkat(Number(directory), bytes, target, (nuint)buffer.Length)));
    }

    /// <summary>Writes all of it at the file's position.</summary>
    public static int Write(Fd file, ReadOnlySpan<byte> content)
    {
        fixed (byte* bytes = content)
        {
            var done = 0;
            while (done < content.Length)
            {
                var written = (long)Result(write(file, bytes + done, (nuint)(content.Length - done)));
                if (written == -Errno.EINTR)
                    continue;
                if (written < 0)
                    return (int)written;
                done += (int)written;
            }
        }

        return 0;
    }

    /// <summary>pread(2): bytes read, 0 at the end.</summary>
    public static int ReadAt(Fd file, Span<byte> buffer, long offset)
    {
        fixed (byte* bytes = buffer)
        {
            long result;
            do
                result = Result(pread(file, bytes, (nuint)buffer.Length, offset));
            while (result == -Errno.EINTR);
            return (int)result;
        }
    }

    /// <summary>Copies from one file's position to another's within the kernel, at most so many bytes; how many, or a negative errno (EXDEV, where the filesystems cannot).</summary>
    public static long CopyRange(Fd from, Fd to, long most)
    {
        var copied = copy_file_range(from, 0, to, 0, (nuint)Math.Min(most, 1 << 30), 0);
        return copied < 0 ? -Marshal.GetLastPInvokeError() : copied;
    }

    public static int SetLength(Fd file, long length) => Result(ftruncate(file, length));

    /// <summary>lseek(2) from the start.</summary>
    public static int Seek(Fd file, long offset) => lseek(file, offset, 0) < 0 ? -Marshal.GetLastPInvokeError() : 0;

    /// <summary>Where a file's next stretch of content begins, at or after an offset (SEEK_DATA); ENXIO: only a hole is left.</summary>
    public static long NextData(Fd file, long offset) => lseek(file, offset, 3) is >= 0 and var at ? at : -Marshal.GetLastPInvokeError();

    /// <summary>Where a file's next hole begins, at or after an offset (SEEK_HOLE): its end at the latest.</summary>
    public static long NextHole(Fd file, long offset) => lseek(file, offset, 4) is >= 0 and var at ? at : -Marshal.GetLastPInvokeError();

    public static int Sync(Fd file) => Result(fsync(file));

    /// <summary>Writes the whole filesystem back that a file is on.</summary>
    public static int SyncFileSystem(Fd file) => Result(syncfs(file));

    /// <summary>The names in a directory, without "." and "..", each ending in NUL, in the kernel's order.</summary>
    public static int List(Fd directory, List<byte[]> names)
    {
        const int Getdents64X64 = 217;
        const int Getdents64Arm64 = 61;
        var buffer = stackalloc byte[32768];
        while (true)
        {
            var read = (long)Result(syscall(s_arm ? Getdents64Arm64 : Getdents64X64, directory.Number, (nint)buffer, 32768, 0, 0, 0));
            if (read <= 0)
            {
                GC.KeepAlive(directory);
                return (int)read;
            }

            for (var at = 0; at < read;)
            {
                // struct linux_dirent64: inode, offset, u16 length, u8 type, name.
                int length = *(ushort*)(buffer + at + 16);
                var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer + at + 19);
                if (!(name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)))
                    names.Add([.. name, 0]);
                at += length;
            }
        }
    }

    private static int Number(Fd? directory) => directory?.Number ?? CurrentDirectory;

    private static int Keep(Fd? directory, int result)
    {
        GC.KeepAlive(directory);
        return result;
    }

    private static int Result(int result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;

    private static nint Result(nint result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;

    private static void Check(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name[^1] != 0)
            throw new ArgumentException("a raw name ends in NUL", nameof(name));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, byte* name, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(int directory, byte* name, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int symlinkat(byte* target, int directory, byte* name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int linkat(int fromDirectory, byte* from, int directory, byte* name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mknodat(int directory, byte* name, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(int directory, byte* name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat(int fromDirectory, byte* from, int toDirectory, byte* to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchownat(int directory, byte* name, uint uid, uint gid, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchown(Fd file, uint uid, uint gid);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(Fd file, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmodat(int directory, byte* name, uint mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int futimens(Fd file, FileTime* times);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int utimensat(int directory, byte* name, FileTime* times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* name, int flags, uint mask, InodeStatus* status);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readlinkat(int directory, byte* name, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(Fd file, byte* bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(Fd file, byte* bytes, nuint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(Fd file, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(Fd file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint copy_file_range(Fd from, nint fromOffset, Fd to, nint toOffset, nuint length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(Fd file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(Fd file);
}
