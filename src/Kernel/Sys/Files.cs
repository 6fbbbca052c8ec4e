using System.Runtime.InteropServices;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Kernel.Sys;

/// <summary>
/// File calls 1:1, close-on-exec always, EINTR retried. A call without <c>Try</c> throws <see cref="SyscallException"/>;
/// one with it returns a negative errno. Directory arguments are descriptors, or null for the current directory.
/// </summary>
public static unsafe partial class Files
{
    private const uint StatxBasic = 0x7ff;
    private const uint StatxMountId = 0x1000;
    private const int StatxSizeBytes = 256;
    private const ulong StatxAttrMountRoot = 0x2000;
    private const int F_GETFD = 1;
    private const int F_SETFD = 2;
    private const int F_DUPFD_CLOEXEC = 1030;
    private const int FD_CLOEXEC = 1;

    /// <summary>Opens a path of the host. Not for paths that a container can influence: see Paths.SafePath.</summary>
    public static Fd Open(string path, int flags, uint mode = 0) => OpenAt(null, path, flags, mode);

    /// <summary>Opens a path relative to a directory.</summary>
    public static Fd OpenAt(Fd? directory, string path, int flags, uint mode = 0)
    {
        var result = TryOpenAt(directory, path, flags, mode, out var fd);
        return result < 0 ? throw new SyscallException("openat", -result, path) : fd!;
    }

    /// <summary>Opens a path; 0, or a negative errno.</summary>
    public static int TryOpenAt(Fd? directory, string path, int flags, uint mode, out Fd? fd)
    {
        int number;
        do number = NativeOpenAt(Number(directory), path, flags | O_CLOEXEC, mode);
        while (number < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return Opened(number, out fd);
    }

    /// <summary>openat2(2): opens a path under resolution rules (<c>RESOLVE_*</c>); 0, or a negative errno.</summary>
    public static int TryOpenAt2(Fd directory, string path, int flags, uint mode, ulong resolve, out Fd? fd)
    {
        var how = stackalloc ulong[3];
        how[0] = (uint)(flags | O_CLOEXEC);
        how[1] = mode;
        how[2] = resolve;
        fixed (byte* name = Utf8(path))
        {
            long number;
            do number = Syscall(SyscallNumbers.Openat2, directory.Number, (nint)name, (nint)how, 24, 0, 0);
            while (number < 0 && Marshal.GetLastPInvokeError() is Errno.EINTR or Errno.EAGAIN);
            return Opened((int)number, out fd);
        }
    }

    /// <summary>Reads once; the number of bytes, 0 at the end.</summary>
    public static int Read(Fd fd, Span<byte> buffer)
    {
        var result = TryRead(fd, buffer);
        return result < 0 ? throw new SyscallException("read", -result, $"fd {fd.Number}") : result;
    }

    /// <summary>Reads once; the number of bytes, or a negative errno (EAGAIN on a non-blocking descriptor).</summary>
    public static int TryRead(Fd fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                var result = NativeRead(fd.Number, p, (nuint)buffer.Length);
                if (result >= 0) return (int)result;
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR) return -errno;
            }
        }
    }

    /// <summary>Writes once; the number of bytes written.</summary>
    public static int Write(Fd fd, ReadOnlySpan<byte> buffer)
    {
        var result = TryWrite(fd, buffer);
        return result < 0 ? throw new SyscallException("write", -result, $"fd {fd.Number}") : result;
    }

    /// <summary>Writes once; the number of bytes, or a negative errno.</summary>
    public static int TryWrite(Fd fd, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                var result = NativeWrite(fd.Number, p, (nuint)buffer.Length);
                if (result >= 0) return (int)result;
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR) return -errno;
            }
        }
    }

    /// <summary>Writes everything.</summary>
    public static void WriteAll(Fd fd, ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty) buffer = buffer[Write(fd, buffer)..];
    }

    /// <summary>Reads to the end, up to a limit; throws EFBIG beyond it.</summary>
    public static byte[] ReadToEnd(Fd fd, int limitBytes = 16 << 20)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var count = Read(fd, buffer.AsSpan(length));
            if (count == 0) break;
            length += count;
            if (length > limitBytes) throw new SyscallException("read", Errno.EFBIG, $"fd {fd.Number}");
        }

        Array.Resize(ref buffer, length);
        return buffer;
    }

    /// <summary>Reads a whole file of the host (procfs and sysfs too, whose sizes lie).</summary>
    public static byte[] ReadAll(string path, int limitBytes = 16 << 20)
    {
        using var fd = Open(path, O_RDONLY);
        return ReadToEnd(fd, limitBytes);
    }

    /// <summary>Writes a control file of procfs, sysfs or cgroupfs in one write; 0, or a negative errno.</summary>
    public static int TryWriteControl(string path, string value)
    {
        var result = TryOpenAt(null, path, O_WRONLY, 0, out var fd);
        if (result < 0) return result;
        using (fd)
        {
            result = TryWrite(fd!, Encoding.UTF8.GetBytes(value));
            return Math.Min(result, 0);
        }
    }

    /// <summary>statx(2) of a descriptor.</summary>
    public static FileStatus Status(Fd fd) => Status(fd, "", AT_EMPTY_PATH);

    /// <summary>statx(2) of a path.</summary>
    public static FileStatus Status(Fd? directory, string path, int flags = 0)
    {
        var result = TryStatus(directory, path, flags, out var status);
        return result < 0 ? throw new SyscallException("statx", -result, path) : status;
    }

    /// <summary>statx(2); 0, or a negative errno.</summary>
    public static int TryStatus(Fd? directory, string path, int flags, out FileStatus status)
    {
        var s = stackalloc byte[StatxSizeBytes];
        fixed (byte* name = Utf8(path))
        {
            if (NativeStatx(Number(directory), name, flags, StatxBasic | StatxMountId, s) < 0)
            {
                status = default;
                return -Marshal.GetLastPInvokeError();
            }
        }

        status = new FileStatus
        {
            LinkCount = *(uint*)(s + 16),
            Uid = *(uint*)(s + 20),
            Gid = *(uint*)(s + 24),
            Mode = *(ushort*)(s + 28),
            Inode = *(ulong*)(s + 32),
            Size = *(ulong*)(s + 40),
            IsMountRoot = (*(ulong*)(s + 8) & StatxAttrMountRoot) != 0,
            RdevMajor = *(uint*)(s + 128),
            RdevMinor = *(uint*)(s + 132),
            DevMajor = *(uint*)(s + 136),
            DevMinor = *(uint*)(s + 140),
            MountId = *(ulong*)(s + 144),
        };
        return 0;
    }

    /// <summary>mkdirat(2); 0, or a negative errno.</summary>
    public static int TryMkdirAt(Fd? directory, string path, uint mode) => Result(NativeMkdirAt(Number(directory), path, mode));

    /// <summary>mknodat(2) of a FIFO, an empty file or a device; 0, or a negative errno.</summary>
    public static int TryMknodAt(Fd? directory, string path, uint mode, ulong device = 0) =>
        Result(NativeMknodAt(Number(directory), path, mode, device));

    /// <summary>unlinkat(2); <paramref name="flags"/> may hold AT_REMOVEDIR; 0, or a negative errno.</summary>
    public static int TryUnlinkAt(Fd? directory, string path, int flags = 0) => Result(NativeUnlinkAt(Number(directory), path, flags));

    /// <summary>renameat(2); 0, or a negative errno.</summary>
    public static int TryRenameAt(Fd? fromDirectory, string from, Fd? toDirectory, string to) =>
        Result(NativeRenameAt(Number(fromDirectory), from, Number(toDirectory), to));

    /// <summary>symlinkat(2); 0, or a negative errno.</summary>
    public static int TrySymlinkAt(string target, Fd? directory, string path) => Result(NativeSymlinkAt(target, Number(directory), path));

    /// <summary>fchownat(2) without following a last symbolic link; 0, or a negative errno.</summary>
    public static int TryChownAt(Fd? directory, string path, uint uid, uint gid) =>
        Result(NativeFchownAt(Number(directory), path, uid, gid, path.Length == 0 ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW));

    /// <summary>fchmod(2) of an open file (not O_PATH); 0, or a negative errno.</summary>
    public static int TryChmod(Fd fd, uint mode) => Result(NativeFchmod(fd.Number, mode));

    /// <summary>readlinkat(2); null when it is not a symbolic link or not there. An empty path reads an O_PATH descriptor.</summary>
    public static string? FindLink(Fd? directory, string path)
    {
        var buffer = stackalloc byte[4096];
        var length = NativeReadlinkAt(Number(directory), path, buffer, 4096);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }

    /// <summary>pipe2(2), both ends close-on-exec.</summary>
    public static (Fd Read, Fd Write) Pipe(int flags = 0)
    {
        var ends = stackalloc int[2];
        if (NativePipe2(ends, flags | O_CLOEXEC) < 0) throw new SyscallException("pipe2", Marshal.GetLastPInvokeError());
        return (new Fd(ends[0]), new Fd(ends[1]));
    }

    /// <summary>An unnamed file in memory (memfd_create(2)), close-on-exec, holding <paramref name="content"/>, positioned at its start.</summary>
    public static Fd CreateInMemory(string name, ReadOnlySpan<byte> content)
    {
        const uint MFD_CLOEXEC = 1;
        var number = NativeMemfdCreate(name, MFD_CLOEXEC);
        if (number < 0) throw new SyscallException("memfd_create", Marshal.GetLastPInvokeError(), name);
        var fd = new Fd(number);
        WriteAll(fd, content);
        Rewind(fd);
        return fd;
    }

    /// <summary>Positions an open file at its start.</summary>
    public static void Rewind(Fd fd)
    {
        if (NativeLseek(fd.Number, 0, 0) < 0) throw new SyscallException("lseek", Marshal.GetLastPInvokeError(), $"fd {fd.Number}");
    }

    /// <summary>A close-on-exec duplicate with a number of at least <paramref name="lowest"/>.</summary>
    public static Fd Duplicate(int number, int lowest = 3)
    {
        var copy = NativeFcntl(number, F_DUPFD_CLOEXEC, lowest);
        return copy < 0 ? throw new SyscallException("fcntl", Marshal.GetLastPInvokeError(), $"fd {number}") : new Fd(copy);
    }

    /// <summary>Whether a descriptor came with execve: it is open, and not close-on-exec as all that this process opens is.</summary>
    public static bool IsInherited(int number) => NativeFcntl(number, F_GETFD, 0) is >= 0 and var flags && (flags & FD_CLOEXEC) == 0;

    /// <summary>Sets or clears close-on-exec of an inherited descriptor.</summary>
    public static void SetCloseOnExec(int number, bool value)
    {
        if (NativeFcntl(number, F_SETFD, value ? FD_CLOEXEC : 0) < 0)
            throw new SyscallException("fcntl", Marshal.GetLastPInvokeError(), $"fd {number}");
    }

    /// <summary>flock(2), waiting; exclusive or shared.</summary>
    public static void Lock(Fd fd, bool exclusive)
    {
        while (NativeFlock(fd.Number, exclusive ? 2 : 1) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR) throw new SyscallException("flock", errno, $"fd {fd.Number}");
        }
    }

    /// <summary>Whether the file system of an open file is mounted read-only (ST_RDONLY in statfs' f_flags).</summary>
    public static bool IsReadOnly(Fd fd)
    {
        var buffer = stackalloc byte[256];
        if (NativeFstatfs(fd.Number, buffer) < 0) throw new SyscallException("fstatfs", Marshal.GetLastPInvokeError());
        const int FlagOffset = 80; // struct statfs of 64-bit kernels: ten longs, then f_flags.
        return (*(ulong*)(buffer + FlagOffset) & 1) != 0;
    }

    /// <summary>The magic number of the file system that holds an open file. Source: uapi/linux/magic.h.</summary>
    public static long FileSystemType(Fd fd)
    {
        var buffer = stackalloc byte[256];
        if (NativeFstatfs(fd.Number, buffer) < 0) throw new SyscallException("fstatfs", Marshal.GetLastPInvokeError());
        return *(long*)buffer;
    }

    private static int Number(Fd? directory) => directory?.Number ?? AT_FDCWD;

    private static byte[] Utf8(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    private static int Opened(int number, out Fd? fd)
    {
        if (number < 0)
        {
            fd = null;
            return -Marshal.GetLastPInvokeError();
        }

        fd = new Fd(number);
        return 0;
    }

    private static int Result(int result) => result < 0 ? -Marshal.GetLastPInvokeError() : 0;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpenAt(int directory, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint NativeRead(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint NativeWrite(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int NativeStatx(int directory, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeMkdirAt(int directory, string path, uint mode);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeMknodAt(int directory, string path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeUnlinkAt(int directory, string path, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeRenameAt(int fromDirectory, string from, int toDirectory, string to);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeSymlinkAt(string target, int directory, string path);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeFchownAt(int directory, string path, uint uid, uint gid, int flags);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int NativeFchmod(int fd, uint mode);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeReadlinkAt(int directory, string path, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int NativePipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int NativeFcntl(int fd, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeMemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long NativeLseek(int fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int NativeFlock(int fd, int operation);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int NativeFstatfs(int fd, byte* buffer);
}
