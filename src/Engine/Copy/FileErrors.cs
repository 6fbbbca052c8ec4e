using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Copy;

/// <summary>Every sentence about files of containers that clients may parse, written once.</summary>
/// <remarks>Source: moby daemon/archive.go, daemon/archive_unix.go.</remarks>
internal static class FileErrors
{
    public static GantryException NotFound(string path, string container) =>
        GantryException.Of(ErrorKind.NotFound, $"Could not find the file {path} in container {container}");

    public static GantryException NoDirectory() => GantryException.Of(ErrorKind.Invalid, "extraction point is not a directory");

    public static GantryException ReadOnlyRoot() => GantryException.Of(ErrorKind.Forbidden, "container rootfs is marked read-only");

    public static GantryException ReadOnlyVolume() => GantryException.Of(ErrorKind.Forbidden, "mounted volume is marked read-only");

    /// <summary>A system call about a path of a container that failed.</summary>
    public static GantryException Of(SyscallException failure, string path, string container) => failure.Number switch
    {
        Errno.ENOENT => NotFound(path, container),
        Errno.ENOTDIR => GantryException.Of(ErrorKind.Invalid, $"cannot use {path} in container {container}: a part of it is not a directory", cause: failure),
        Errno.ELOOP => GantryException.Of(ErrorKind.Invalid, $"cannot use {path} in container {container}: it goes through too many symbolic links, or through one of /proc", cause: failure),
        Errno.ENAMETOOLONG => GantryException.Of(ErrorKind.Invalid, $"cannot use a path in container {container}: it is too long", cause: failure),
        _ => GantryException.Of(ErrorKind.Internal, $"cannot read {path} in container {container}: {failure.Call}: {Errno.Text(failure.Number)} ({Errno.Name(failure.Number)})", cause: failure),
    };
}
