using Gantry.Archive;
using Gantry.Build;
using Gantry.Kernel.Sys;

namespace Gantry.Engine.Builds;

/// <summary>What a digest was made of, file by file, for telling people what changed; what decides is the digest.</summary>
internal sealed class SeenFiles
{
    private const int Most = 20_000;

    private readonly List<FileMark> _marks = [];
    private string _top = "";

    /// <summary>The files; null: they are too many to be told one by one.</summary>
    public IReadOnlyList<FileMark>? Marks => _marks.Count > Most ? null : _marks;

    /// <summary>Says where the paths begin that come next.</summary>
    public void Enter(string top) => _top = top;

    /// <summary>Takes one.</summary>
    /// <param name="content">A digest of what is in it, or where it leads; empty: neither.</param>
    public void Add(string path, in InodeStatus status, ReadOnlySpan<byte> content, bool ownedByRoot)
    {
        if (_marks.Count > Most)
            return;
        var place = RawPath.Join(_top, path);
        _marks.Add(new(status.IsDirectory ? place + "/" : place, Mark(status, content, ownedByRoot)));
    }

    private static long Mark(in InodeStatus status, ReadOnlySpan<byte> content, bool ownedByRoot)
    {
        // FNV-1a: the same in every engine that reads what this one wrote.
        var mark = 0xCBF29CE484222325UL;
        foreach (var octet in content)
            mark = (mark ^ octet) * 0x100000001B3;
        ulong[] rest = ownedByRoot ? [status.Mode, status.Device.Major, status.Device.Minor] : [status.Mode, status.Device.Major, status.Device.Minor, status.Uid, status.Gid];
        foreach (var value in rest)
            mark = (mark ^ value) * 0x100000001B3;
        return (long)mark;
    }
}
