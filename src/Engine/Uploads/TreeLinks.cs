using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Engine.Uploads;

/// <summary>
/// Gives the files of one directory further names in another on the same filesystem: a copy that costs no content. Symbolic
/// links are never followed.
/// </summary>
/// <param name="excludes">What is left out.</param>
/// <param name="includes">Only these, with the directories on the way to them; null: everything.</param>
internal sealed class TreeLinks(PatternMatcher excludes, PatternMatcher? includes, CancellationToken cancellationToken)
{
    // Each level holds two descriptors while what is below it is linked.
    private const int MostLevels = 500;

    /// <summary>Bytes of the files that were linked.</summary>
    public long Bytes { get; private set; }

    /// <summary>Links all files that are not left out.</summary>
    /// <exception cref="GantryException">Invalid: nested too deep. Internal: the filesystem refuses.</exception>
    public void Link(string from, string to)
    {
        using var source = Open(null, Name(from));
        using var target = Open(null, Name(to));
        LinkBelow(source, "", default, default, () => target, 0);
    }

    private void LinkBelow(Fd source, string path, PathMatch excluded, PathMatch included, Func<Fd> target, int level)
    {
        if (level > MostLevels)
            throw GantryException.Of(ErrorKind.Invalid, $"\"{path}\": directories are nested deeper than {MostLevels}, which cannot be built of");
        var names = new List<byte[]>();
        Require(Inodes.List(source, names), "getdents", path);
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Require(Inodes.Status(source, name, out var status), "statx", path);
            var below = (path.Length == 0 ? "" : path + "/") + Encoding.UTF8.GetString(name.AsSpan(..^1));
            var isOut = excludes.Match(below, excluded);
            var isIn = includes?.Match(below, included) ?? default;
            var wanted = !isOut.IsMatch && (includes is null || isIn.IsMatch);
            if (status.IsDirectory && (wanted || (isOut.IsMatch ? excludes.MayHoldException(below) : includes!.MayHoldMatch(below))))
                LinkDirectory(source, name, below, status, wanted, (isOut, isIn), target, level);
            else if (!status.IsDirectory && wanted)
                LinkFile(source, name, below, status, target());
        }
    }

    private void LinkFile(Fd source, byte[] name, string path, in InodeStatus status, Fd target)
    {
        Require(Inodes.MakeLink(source, name, target, name), "linkat", path);
        if (status.IsRegular)
            Bytes += status.Size;
    }

    private void LinkDirectory(Fd source, byte[] name, string path, InodeStatus status, bool wanted, (PathMatch Out, PathMatch In) match, Func<Fd> parent, int level)
    {
        using var from = Open(source, name);
        Fd? to = null;
        // A directory that is left out itself exists when something in it does not.
        Fd Make()
        {
            if (to is not null)
                return to;
            var holder = parent();
            Require(Inodes.MakeDirectory(holder, name, 0x1C0), "mkdirat", path);
            return to = Open(holder, name);
        }

        try
        {
            if (wanted)
                _ = Make();
            LinkBelow(from, path, match.Out, match.In, Make, level + 1);
            if (to is null)
                return;
            Require(Inodes.ChangeMode(to, status.Permissions), "fchmod", path);
            // Last: every name that is made in a directory changes its time.
            Require(Inodes.SetTimes(to, FileTime.Omit, status.Modified), "futimens", path);
        }
        finally
        {
            to?.Dispose();
        }
    }

    private static Fd Open(Fd? parent, byte[] name)
    {
        Require(Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory), "openat", Encoding.UTF8.GetString(name.AsSpan(..^1)));
        return directory;
    }

    private static byte[] Name(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    private static void Require(int result, string call, string path)
    {
        if (result < 0)
            throw GantryException.Of(ErrorKind.Internal, $"cannot prepare \"{path}\" for the build: {call}: {Errno.Text(-result)} ({Errno.Name(-result)})");
    }
}
