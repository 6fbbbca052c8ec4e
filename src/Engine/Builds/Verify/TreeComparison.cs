using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Builds;

/// <summary>Finds how the files of two directories differ: names, types, modes, owners, attributes, links, content and, where they count, times.</summary>
/// <param name="withTimes">Whether times count.</param>
/// <param name="most">How many differences are enough.</param>
internal sealed class TreeComparison(bool withTimes, int most, CancellationToken cancellationToken)
{
    private const int BufferBytes = 256 << 10;

    private readonly List<string> _found = [];
    private readonly byte[] _one = new byte[BufferBytes];
    private readonly byte[] _other = new byte[BufferBytes];

    /// <summary>Differences as people read them, as in <c>/app/stamp (content)</c>; empty: there are none.</summary>
    /// <exception cref="SyscallException">A file cannot be read.</exception>
    public IReadOnlyList<string> Of(string one, string other)
    {
        using var left = Files.Open(one, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        using var right = Files.Open(other, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        Directories(left, right, "", 0);
        return _found;
    }

    private void Directories(Fd one, Fd other, string path, int level)
    {
        if (level > TreeArchive.MostLevels)
            return;
        var names = Names(one, path).Union(Names(other, path)).Order(StringComparer.Ordinal).ToList();
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_found.Count >= most)
                return;
            var raw = RawPath.Bytes(name);
            var here = $"{path}/{name}";
            var (hasOne, hasOther) = (Inodes.Status(one, raw, out var left) == 0, Inodes.Status(other, raw, out var right) == 0);
            if (hasOne != hasOther)
                Add(here, hasOne ? "only in the first build" : "only in the second build");
            else if (hasOne)
                Names(one, other, raw, here, left, right, level);
        }
    }

    private void Names(Fd one, Fd other, byte[] name, string path, in InodeStatus left, in InodeStatus right, int level)
    {
        if (left.Kind != right.Kind)
        {
            Add(path, "type");
            return;
        }

        var differences = new List<string>();
        if (left.Permissions != right.Permissions)
            differences.Add("mode");
        if (left.Uid != right.Uid || left.Gid != right.Gid)
            differences.Add("owner");
        if (withTimes && left.Modified != right.Modified)
            differences.Add("time");
        if (left.Device != right.Device)
            differences.Add("device");
        if (!left.IsSymlink && !SameAttributes(one, other, name))
            differences.Add("attributes");
        if (left.IsSymlink && !Target(one, name, _one).SequenceEqual(Target(other, name, _other)))
            differences.Add("target");
        if (left.IsRegular && !SameContent(one, other, name, left, right, path))
            differences.Add("content");
        if (differences.Count > 0)
            Add(path, string.Join(", ", differences));
        if (!left.IsDirectory)
            return;
        using var below = Open(one, name, path);
        using var belowOther = Open(other, name, path);
        Directories(below, belowOther, path, level + 1);
    }

    private void Add(string path, string what) => _found.Add($"{Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(path))} ({what})");

    private static bool SameAttributes(Fd one, Fd other, byte[] name)
    {
        var names = Attributes(one, name);
        return names.SequenceEqual(Attributes(other, name))
            && names.TrueForAll(attribute => (Xattrs.Find(one, name, attribute) ?? []).AsSpan().SequenceEqual(Xattrs.Find(other, name, attribute) ?? []));
    }

    // Overlayfs notes there which files of lower layers it copied.
    private static List<string> Attributes(Fd directory, byte[] name) =>
        [.. Xattrs.List(directory, name).Where(static attribute => !attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private bool SameContent(Fd one, Fd other, byte[] name, in InodeStatus left, in InodeStatus right, string path)
    {
        if (left.Size != right.Size)
            return false;
        using var file = OpenFile(one, name, path);
        using var otherFile = OpenFile(other, name, path);
        for (long offset = 0; ;)
        {
            var read = Inodes.ReadAt(file, _one, offset);
            var readOther = Inodes.ReadAt(otherFile, _other, offset);
            if (read < 0 || readOther < 0)
                throw new SyscallException("read", -Math.Min(read, readOther), path);
            if (!_one.AsSpan(0, read).SequenceEqual(_other.AsSpan(0, readOther)))
                return false;
            if (read == 0)
                return true;
            offset += read;
        }
    }

    private static ReadOnlySpan<byte> Target(Fd directory, byte[] name, byte[] buffer) => buffer.AsSpan(0, Math.Max(0, Inodes.ReadLink(directory, name, buffer)));

    private static List<string> Names(Fd directory, string path)
    {
        var names = new List<byte[]>();
        var failed = Inodes.List(directory, names);
        return failed < 0 ? throw new SyscallException("getdents", -failed, path) : [.. names.Select(static name => Encoding.Latin1.GetString(name.AsSpan(..^1)))];
    }

    private static Fd Open(Fd parent, byte[] name, string path)
    {
        var failed = Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
        return failed < 0 ? throw new SyscallException("open", -failed, path) : directory;
    }

    private static Fd OpenFile(Fd parent, byte[] name, string path)
    {
        var failed = Inodes.Open(parent, name, Inodes.ReadOnly | Inodes.NoFollow | Inodes.NonBlocking, 0, out var file);
        return failed < 0 ? throw new SyscallException("open", -failed, path) : file;
    }
}
