using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>Compares a writable layer with what is below it.</summary>
/// <remarks>
/// Source: moby pkg/archive/changes.go, changes: in the order of the paths, parents before children; a directory that only
/// holds changes counts as changed itself; one that was copied up and is as it was does not.
/// </remarks>
internal sealed class SnapshotChanges(LowerChain lower)
{
    private readonly List<TreeChange> _changes = [];

    /// <summary>All changes of a layer.</summary>
    /// <param name="upper">The layer's directory.</param>
    public IReadOnlyList<TreeChange> Of(Fd upper)
    {
        Walk(upper, "", hidden: false, 0);
        return _changes;
    }

    // Returns whether anything below was added or deleted.
    private bool Walk(Fd directory, string path, bool hidden, int level)
    {
        var names = new List<byte[]>();
        if (level > TreeArchive.MostLevels || Inodes.List(directory, names) < 0)
            return false;
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        var changed = false;
        foreach (var name in names)
        {
            if (Inodes.Status(directory, name, out var status) < 0)
                continue;
            var child = RawPath.Join(path, Encoding.Latin1.GetString(name.AsSpan(..^1)));
            if (status.IsWhiteout)
            {
                changed = Add(child, TreeChangeKind.Deleted);
                continue;
            }

            var below = hidden ? null : lower.Find(child);
            if (!status.IsDirectory)
            {
                Add(child, below is null ? TreeChangeKind.Added : TreeChangeKind.Modified);
                changed |= below is null;
                continue;
            }

            changed |= WalkBelow(directory, name, child, status, below, hidden, level);
        }

        return changed;
    }

    private bool WalkBelow(Fd directory, byte[] name, string path, in InodeStatus status, LowerNode? below, bool hidden, int level)
    {
        if (Inodes.Open(directory, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var inner) is var result && result < 0)
            return false;
        using (inner)
        {
            var merged = below is { Status.IsDirectory: true };
            // A new directory is marked opaque, too: there is just nothing that it hides.
            var opaque = merged && Xattrs.Find(directory, name, OverlayMarks.Opaque) is [(byte)'y'];
            var place = _changes.Count;
            var same = merged && !opaque && IsSame(status, below!.Status);
            var changed = Walk(inner, path, hidden || opaque || !merged, level + 1);
            if (opaque)
                changed |= AddHidden(inner, path);
            if (!same || changed)
                _changes.Insert(place, new(Shown(path), below is null ? TreeChangeKind.Added : TreeChangeKind.Modified));
            return below is null;
        }
    }

    // What the directory had below and has no more.
    private bool AddHidden(Fd directory, string path)
    {
        var any = false;
        foreach (var name in lower.Names(path).Order(StringComparer.Ordinal))
        {
            if (Inodes.Status(directory, RawPath.Bytes(name), out _) < 0)
                any = Add(RawPath.Join(path, name), TreeChangeKind.Deleted);
        }

        return any;
    }

    private bool Add(string path, TreeChangeKind kind)
    {
        _changes.Add(new(Shown(path), kind));
        return true;
    }

    private static bool IsSame(in InodeStatus upper, in InodeStatus below) =>
        upper.Mode == below.Mode && upper.Uid == below.Uid && upper.Gid == below.Gid && upper.Modified == below.Modified;

    private static string Shown(string path) => "/" + Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(path));
}
