using Gantry.Engine.Images;
using Gantry.Engine.Operations;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Which records of the build cache a prune removes. Pure.</summary>
/// <remarks>Source: Engine API, BuildPrune; BuildKit client/prune.go and cache/manager.go, calculateKeepBytes.</remarks>
public sealed record BuildCachePrune
{
    private static readonly string[] s_filters = ["until", "unused-for", "id", "parent", "type", "description", "inuse", "shared", "private"];

    /// <summary>Those too of which images have everything: removing them frees nothing, but the next build begins anew.</summary>
    public bool All { get; init; }

    /// <summary>Only what was not used for so long; null: whenever it was used.</summary>
    public TimeSpan? UnusedFor { get; init; }

    /// <summary>So many bytes stay in any case; 0: none.</summary>
    public long ReservedBytes { get; init; }

    /// <summary>More bytes than these never stay; 0: no such bound.</summary>
    public long MaxUsedBytes { get; init; }

    /// <summary>So many bytes of the disk are to be free; 0: no matter.</summary>
    public long MinFreeBytes { get; init; }

    public Filters Filters { get; init; } = Filters.None;

    /// <summary>Only these, by their ids; null: whichever.</summary>
    public IReadOnlySet<string>? Ids { get; init; }

    /// <summary>A length of time as <c>48h</c>; null: the text is none.</summary>
    public static TimeSpan? FindAge(string text) => ImageTimes.Duration(text);

    /// <summary>Chooses. What a build uses is never chosen.</summary>
    /// <param name="records">The least recently used first, and what stands on others before these.</param>
    /// <param name="freeNow">Bytes of the disk that are free.</param>
    /// <exception cref="GantryException">Invalid: an unknown filter, or a value that makes no sense.</exception>
    public IReadOnlyList<BuildCacheRecord> Choose(IReadOnlyList<BuildCacheRecord> records, DateTimeOffset now, long freeNow)
    {
        Filters.Validate(s_filters);
        if (Filters["until"].Count + Filters["unused-for"].Count > 1)
            throw GantryException.Of(ErrorKind.Invalid, "more than one until filter specified");
        DateTimeOffset? until = Filters["until"].Concat(Filters["unused-for"]).Select(text => (DateTimeOffset?)ImageTimes.Moment(text, now)).FirstOrDefault() ?? now - UnusedFor;
        var chosen = new List<BuildCacheRecord>();
        var left = records.Sum(static record => record.SizeBytes);
        var kept = Kept(left, freeNow);
        foreach (var record in records)
        {
            if (left <= kept)
                break;
            if (record.IsInUse || (until is not null && record.LastUsed > until) || (!All && BuildCacheUsage.IsShared(record)) || !Matches(record))
                continue;
            chosen.Add(record);
            left -= record.SizeBytes;
        }

        return chosen;
    }

    // -1: nothing is kept, not even what takes no room.
    private long Kept(long total, long freeNow)
    {
        if (ReservedBytes == 0 && MaxUsedBytes == 0 && MinFreeBytes == 0)
            return -1;
        var kept = MaxUsedBytes > 0 ? MaxUsedBytes : MinFreeBytes > 0 ? total : ReservedBytes;
        if (MinFreeBytes > freeNow)
            kept = Math.Min(kept, total - (MinFreeBytes - freeNow));
        return Math.Max(kept, ReservedBytes);
    }

    private bool Matches(BuildCacheRecord record) =>
        Ids?.Contains(BuildCacheUsage.IdOf(record.Owner)) != false
        && Filters.Any("id", id => BuildCacheUsage.IdOf(record.Owner).StartsWith(id, StringComparison.Ordinal))
        && Filters.Any("type", type => record.Kind == type)
        && Filters.Any("description", text => record.Description.Contains(text, StringComparison.Ordinal))
        && Filters.Any("parent", id => record.Parent is { } parent && BuildCacheUsage.IdOf(parent).StartsWith(id, StringComparison.Ordinal))
        && (Filters.Boolean("inuse") ?? false) is false
        && (Filters.Boolean("shared") is not { } shared || shared == BuildCacheUsage.IsShared(record))
        && (Filters.Boolean("private") is not { } own || own != BuildCacheUsage.IsShared(record));
}
