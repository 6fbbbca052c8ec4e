using System.Runtime.InteropServices;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using static Gantry.Kernel.Sys.MountFlags;

namespace Gantry.Kernel.Sys;

/// <summary>Mount calls 1:1, in the caller's mount namespace. Source: mount(2), open_tree(2), mount_setattr(2).</summary>
public static unsafe partial class Mounts
{
    /// <summary>mount(2); 0, or a negative errno.</summary>
    public static int TryMount(string? source, string target, string? type, ulong flags, string? data) =>
        NativeMount(source, target, type, flags, data) < 0 ? -Marshal.GetLastPInvokeError() : 0;

    /// <summary>mount(2).</summary>
    public static void Mount(string? source, string target, string? type, ulong flags, string? data = null)
    {
        var result = TryMount(source, target, type, flags, data);
        if (result < 0) throw new SyscallException("mount", -result, target);
    }

    /// <summary>umount2(2); 0, or a negative errno.</summary>
    public static int TryUnmount(string target, int flags = 0) =>
        NativeUmount2(target, flags) < 0 ? -Marshal.GetLastPInvokeError() : 0;

    /// <summary>A detached copy of the mount at a path, invisible until moved somewhere; 0, or a negative errno.</summary>
    /// <param name="directory">Base of a relative path; null: the current directory. With an empty path, the mount itself.</param>
    public static int TryCloneTree(Fd? directory, string path, bool recursive, out Fd? tree)
    {
        var flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? (uint)OpenFlags.AT_RECURSIVE : 0) | (path.Length == 0 ? (uint)OpenFlags.AT_EMPTY_PATH : 0);
        fixed (byte* name = Utf8(path))
        {
            var number = Syscall(SyscallNumbers.OpenTree, directory?.Number ?? OpenFlags.AT_FDCWD, (nint)name, (nint)flags, 0, 0, 0);
            if (number < 0)
            {
                tree = null;
                return -Marshal.GetLastPInvokeError();
            }

            tree = new Fd((int)number);
            return 0;
        }
    }

    /// <summary>mount_setattr(2) of the mount behind a descriptor; 0, or a negative errno.</summary>
    /// <param name="mount">A mount: from open_tree, fsmount, or opened with O_PATH.</param>
    /// <param name="set">MOUNT_ATTR_* to set.</param>
    /// <param name="clear">MOUNT_ATTR_* to clear; MOUNT_ATTR__ATIME when <paramref name="set"/> holds an atime value.</param>
    /// <param name="propagation">MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, or 0 to leave it.</param>
    /// <param name="recursive">Whether mounts below it change too.</param>
    /// <param name="userNamespace">The user namespace whose mapping an id-mapped mount takes; needs MOUNT_ATTR_IDMAP in <paramref name="set"/>.</param>
    public static int TrySetAttributes(Fd mount, ulong set, ulong clear, ulong propagation, bool recursive, Fd? userNamespace = null)
    {
        var attributes = stackalloc ulong[4];
        attributes[0] = set;
        attributes[1] = clear;
        attributes[2] = propagation;
        attributes[3] = (ulong)(userNamespace?.Number ?? 0);
        byte empty = 0;
        var flags = OpenFlags.AT_EMPTY_PATH | (recursive ? OpenFlags.AT_RECURSIVE : 0);
        return Syscall(SyscallNumbers.MountSetattr, mount.Number, (nint)(&empty), flags, (nint)attributes, 32, 0) < 0
            ? -Marshal.GetLastPInvokeError()
            : 0;
    }

    /// <summary>Attaches a detached mount at the place behind a descriptor; 0, or a negative errno.</summary>
    public static int TryMove(Fd mount, Fd target)
    {
        byte empty = 0;
        return Syscall(SyscallNumbers.MoveMount, mount.Number, (nint)(&empty), target.Number, (nint)(&empty), (nint)(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), 0) < 0
            ? -Marshal.GetLastPInvokeError()
            : 0;
    }

    private static byte[] Utf8(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeMount(string? source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeUmount2(string target, int flags);
}
