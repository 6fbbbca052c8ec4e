using System.Globalization;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Runtime.Cgroups;

/// <summary>The files of a cgroup directory: one write is one command, one read the whole state.</summary>
internal static class ControlFile
{
    /// <summary>Writes a limit.</summary>
    /// <exception cref="GantryException">Invalid: the kernel refuses the value. NotSupported: this kernel has no such limit.</exception>
    public static void Write(string directory, string file, string value)
    {
        var result = Files.TryWriteControl($"{directory}/{file}", value);
        if (result < 0)
            throw Refused(directory, file, value, -result);
    }

    public static void Write(string directory, string file, long value) => Write(directory, file, value.ToString(CultureInfo.InvariantCulture));

    public static void Write(string directory, string file, ulong value) => Write(directory, file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The text of a file without its last newline; null when it is not there.</summary>
    public static string? Read(string directory, string file)
    {
        var result = Files.TryOpenAt(null, $"{directory}/{file}", OpenFlags.O_RDONLY, 0, out var fd);
        if (result < 0)
            return null;
        using (fd)
        {
            try
            {
                return Encoding.ASCII.GetString(Files.ReadToEnd(fd!)).TrimEnd('\n');
            }
            catch (SyscallException e) when (e.Number == Errno.ENODEV)
            {
                // The cgroup was removed between open and read.
                return null;
            }
        }
    }

    /// <summary>The value of a line <c>key value</c>, 0 when there is none.</summary>
    public static long Value(string? text, string key)
    {
        foreach (var line in (text ?? "").AsSpan().EnumerateLines())
        {
            if (line.Length > key.Length && line.StartsWith(key, StringComparison.Ordinal) && line[key.Length] == ' ')
                return long.TryParse(line[(key.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
        }

        return 0;
    }

    /// <summary>An amount of bytes; 0 when the file is not there, or says that there is no limit.</summary>
    public static long Number(string directory, string file) =>
        // Version 2 writes "max"; version 1 the largest multiple of a page.
        long.TryParse(Read(directory, file), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < long.MaxValue - 65536 ? value : 0;

    public static GantryException Refused(string directory, string file, string value, int errno)
    {
        var (kind, why) = errno switch
        {
            Errno.ENOENT => (ErrorKind.NotSupported, "this kernel does not have that limit"),
            Errno.EBUSY => (ErrorKind.Conflict, "what the processes in it use already is more"),
            Errno.EACCES or Errno.EPERM => (ErrorKind.Forbidden, "the cgroup above does not allow it"),
            Errno.EROFS => (ErrorKind.Forbidden, "cgroups are mounted read-only here; an engine inside a container needs them writable"),
            _ => (ErrorKind.Invalid, "the kernel does not take this value"),
        };
        return GantryException.Of(kind, $"cannot set {file} to \"{value}\" for cgroup {directory}: {why} ({Errno.Name(errno)})", new(LaunchStage.Confine, errno));
    }
}
