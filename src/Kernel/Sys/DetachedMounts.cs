using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using static Gantry.Kernel.Sys.MountFlags;

namespace Gantry.Kernel.Sys;

/// <summary>
/// Filesystems mounted nowhere: reachable through a descriptor alone, gone when it is closed. Nobody else's mount table
/// changes. Source: fsopen(2), fsconfig(2), fsmount(2).
/// </summary>
public static unsafe partial class DetachedMounts
{
    // fsconfig(2) takes a value of 255 bytes at most; an image of many layers has a longer one.
    private const int LongestOption = 255;

    /// <summary>Mounts a filesystem, read-only, without devices and set-user-id programs.</summary>
    /// <param name="type">As in <c>overlay</c>.</param>
    /// <param name="source">The source, or a label.</param>
    /// <param name="options">Filesystem options: <c>key=value</c>, or <c>key</c> alone.</param>
    /// <param name="workingDirectory">Where relative paths in the options start; null: nowhere.</param>
    /// <returns>The root, opened with O_PATH.</returns>
    /// <exception cref="SyscallException">The kernel refused.</exception>
    public static Fd OpenReadOnly(string type, string source, IReadOnlyList<string> options, string? workingDirectory)
    {
        if (workingDirectory is not null && options.Any(static option => option.Length > LongestOption))
            return MountNamespaces.Assemble(type, source, string.Join(',', options), workingDirectory, readOnly: true, []);
        // The working directory belongs to the thread that has unshared it.
        return OwnThread.Run("detached mount", () =>
        {
            if (workingDirectory is not null)
            {
                Namespaces.Unshare(Namespaces.CLONE_FS);
                Check(NativeChdir(workingDirectory), "chdir", workingDirectory);
            }
            return Mount(type, source, options);
        });
    }

    private static Fd Mount(string type, string source, IReadOnlyList<string> options)
    {
        using var context = new Fd(Check(NativeFsopen(type, FSOPEN_CLOEXEC), "fsopen", type));
        Check(NativeFsconfig(context.Number, FSCONFIG_SET_STRING, "source", source, 0), "fsconfig", "source");
        Check(NativeFsconfig(context.Number, FSCONFIG_SET_FLAG, "ro", null, 0), "fsconfig", "ro");
        foreach (var option in options)
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            var result = equals < 0
                ? NativeFsconfig(context.Number, FSCONFIG_SET_FLAG, option, null, 0)
                : NativeFsconfig(context.Number, FSCONFIG_SET_STRING, option[..equals], option[(equals + 1)..], 0);
            Check(result, "fsconfig", option);
        }
        Check(NativeFsconfig(context.Number, FSCONFIG_CMD_CREATE, null, null, 0), "fsconfig", type);
        return new Fd(Check(NativeFsmount(context.Number, FSMOUNT_CLOEXEC, (uint)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)), "fsmount", type));
    }

    private static int Check(int result, string call, string subject) =>
        result >= 0 ? result : throw new SyscallException(call, Marshal.GetLastPInvokeError(), subject);

    private static int NativeFsopen(string type, uint flags)
    {
        fixed (byte* name = Utf8(type))
            return (int)Syscall(SyscallNumbers.Fsopen, (nint)name, (nint)flags, 0, 0, 0, 0);
    }

    private static int NativeFsconfig(int context, uint command, string? key, string? value, int auxiliary)
    {
        fixed (byte* keyBytes = key is null ? null : Utf8(key), valueBytes = value is null ? null : Utf8(value))
            return (int)Syscall(SyscallNumbers.Fsconfig, context, (nint)command, (nint)keyBytes, (nint)valueBytes, auxiliary, 0);
    }

    private static int NativeFsmount(int context, uint flags, uint attributes) =>
        (int)Syscall(SyscallNumbers.Fsmount, context, (nint)flags, (nint)attributes, 0, 0, 0);

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text + "\0");

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeChdir(string path);
}
