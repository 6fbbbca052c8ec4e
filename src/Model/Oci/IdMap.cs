using System.Globalization;

namespace Gantry.Model.Oci;

/// <summary>How the users and groups of a user namespace are numbered on the host. Pure.</summary>
/// <param name="Uids">Users; ids in no range are nobody's.</param>
/// <param name="Gids">Groups.</param>
public sealed record IdMap(IReadOnlyList<IdMapping> Uids, IReadOnlyList<IdMapping> Gids)
{
    /// <summary>What the kernel shows for an id that is not mapped (/proc/sys/kernel/overflowuid).</summary>
    public const uint Nobody = 65534;

    /// <summary>Where each id is itself: the first user namespace.</summary>
    public static IdMap Identity { get; } = new([Everything], [Everything]);

    private static IdMapping Everything => new() { Size = uint.MaxValue };

    /// <summary>The host's ids of the namespace's root.</summary>
    public (uint Uid, uint Gid) Root => (HostUid(0) ?? Nobody, HostGid(0) ?? Nobody);

    /// <summary>Whether every id is the host's.</summary>
    public bool IsIdentity => Uids is [{ ContainerID: 0, HostID: 0, Size: uint.MaxValue }] && Gids is [{ ContainerID: 0, HostID: 0, Size: uint.MaxValue }];

    /// <summary>Reads the files of a process.</summary>
    /// <param name="uidMap">The content of <c>/proc/PID/uid_map</c>, as the first user namespace sees it.</param>
    /// <param name="gidMap">The content of <c>/proc/PID/gid_map</c>.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static IdMap Parse(string uidMap, string gidMap) => new(Ranges(uidMap), Ranges(gidMap));

    /// <summary>
    /// What an id-mapped mount takes so that files kept with other ids are seen in this namespace as in the one they come
    /// from: from the ids on disk to this namespace's on the host.
    /// </summary>
    public IdMap Over(IdMap kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return new(Over(Uids, kept.Uids), Over(Gids, kept.Gids));
    }

    /// <summary>Whether both number every id alike.</summary>
    public bool IsSame(IdMap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Uids.SequenceEqual(other.Uids) && Gids.SequenceEqual(other.Gids);
    }

    /// <summary>The host's number of a user; null when it has none.</summary>
    public uint? HostUid(uint uid) => ToHost(Uids, uid);

    /// <summary>The host's number of a group; null when it has none.</summary>
    public uint? HostGid(uint gid) => ToHost(Gids, gid);

    /// <summary>A user of the host as the namespace sees it.</summary>
    public uint InnerUid(uint uid) => ToInner(Uids, uid);

    /// <summary>A group of the host as the namespace sees it.</summary>
    public uint InnerGid(uint gid) => ToInner(Gids, gid);

    private static uint? ToHost(IReadOnlyList<IdMapping> ranges, uint id)
    {
        foreach (var range in ranges)
        {
            if (id >= range.ContainerID && id - range.ContainerID < range.Size)
                return range.HostID + (id - range.ContainerID);
        }

        return null;
    }

    private static uint ToInner(IReadOnlyList<IdMapping> ranges, uint id)
    {
        foreach (var range in ranges)
        {
            if (id >= range.HostID && id - range.HostID < range.Size)
                return range.ContainerID + (id - range.HostID);
        }

        return Nobody;
    }

    // Each stretch of inner ids that both have.
    private static List<IdMapping> Over(IReadOnlyList<IdMapping> ranges, IReadOnlyList<IdMapping> kept)
    {
        var result = new List<IdMapping>();
        foreach (var range in ranges)
        {
            foreach (var old in kept)
            {
                var first = Math.Max(range.ContainerID, old.ContainerID);
                var end = Math.Min((ulong)range.ContainerID + range.Size, (ulong)old.ContainerID + old.Size);
                if (first < end)
                    result.Add(new IdMapping { ContainerID = old.HostID + (first - old.ContainerID), HostID = range.HostID + (first - range.ContainerID), Size = (uint)(end - first) });
            }
        }

        return result;
    }

    private static List<IdMapping> Ranges(string text)
    {
        var ranges = new List<IdMapping>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 3)
                throw new FormatException($"\"{line}\" is no range of ids");
            ranges.Add(new IdMapping { ContainerID = Number(words[0]), HostID = Number(words[1]), Size = Number(words[2]) });
        }

        return ranges;
    }

    private static uint Number(string word) => uint.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture);
}
