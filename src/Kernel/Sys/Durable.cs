using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;

namespace Gantry.Kernel.Sys;

/// <summary>What survives a loss of power. Sources: fsync(2), ftruncate(2), rename(2).</summary>
public static partial class Durable
{
    /// <summary>fsync(2); 0, or a negative errno.</summary>
    public static int TrySync(Fd file) => fsync(file) == 0 ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>ftruncate(2); 0, or a negative errno.</summary>
    public static int TryTruncate(Fd file, long sizeBytes)
    {
        while (ftruncate(file, (nint)sizeBytes) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                return -errno;
        }
        return 0;
    }

    /// <summary>Replaces a file as a whole: readers see the old content or the new one. Temporary name, fsync, rename.</summary>
    /// <param name="path">The file; its directory must be ours alone.</param>
    /// <param name="content">The new content.</param>
    /// <param name="mode">Permissions of the new file.</param>
    public static void Replace(string path, ReadOnlySpan<byte> content, uint mode = 0x180)
    {
        var temporary = path + ".tmp";
        using (var file = Files.Open(temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, mode))
        {
            Files.WriteAll(file, content);
            var synced = TrySync(file);
            if (synced < 0)
                throw new SyscallException("fsync", -synced, temporary);
        }
        var renamed = Files.TryRenameAt(null, temporary, null, path);
        if (renamed < 0)
            throw new SyscallException("rename", -renamed, path);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(Fd file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(Fd file, nint size);
}
