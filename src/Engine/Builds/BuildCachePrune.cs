using Gantry.Engine.Images;
using Gantry.Engine.Operations;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Which records of the build cache a prune removes. Pure.</summary>
/// <remarks>Source: Engine API, BuildPrune; BuildKit control/control.go, Prune.</remarks>
public sealed record BuildCachePrune
{
    private static readonly string[] s_filters = ["until", "unused-for", "id", "parent", "type", "description", "inuse", "shared", "private"];

    /// <summary>Those too of which images have everything: removing them frees nothing, but the next build begins anew.</summary>
    public bool All { get; init; }

    /// <summary>So many bytes may stay; the least recently used go first.</summary>
    public long KeepBytes { get; init; }

    /// <summary>Stop as soon as so many bytes of the disk are free; 0: no matter.</summary>
    public long FreeBytes { get; init; }

    public required Filters Filters { get; init; }

    /// <summary>Only these, by their ids; null: whichever.</summary>
    public IReadOnlySet<string>? Ids { get; init; }

    /// <summary>Chooses.</summary>
    /// <param name="records">The least recently used first.</param>
    /// <param name="freeNow">Bytes of the disk that are free.</param>
    /// <exception cref="GantryException">Invalid: an unknown filter, or a value that makes no sense.</exception>
    public IReadOnlyList<BuildCacheRecord> Choose(IReadOnlyList<BuildCacheRecord> records, DateTimeOffset now, long freeNow)
    {
        Filters.Validate(s_filters);
        if (Filters["until"].Count + Filters["unused-for"].Count > 1)
            throw GantryException.Of(ErrorKind.Invalid, "more than one until filter specified");
        DateTimeOffset? until = Filters["until"].Concat(Filters["unused-for"]).Select(text => (DateTimeOffset?)ImageTimes.Moment(text, now)).FirstOrDefault();
        var chosen = new List<BuildCacheRecord>();
        var left = records.Sum(static record => record.SizeBytes);
        foreach (var record in records)
        {
            if (left <= KeepBytes && KeepBytes > 0)
                break;
            if (FreeBytes > 0 && freeNow >= FreeBytes)
                break;
            if ((until is not null && record.LastUsed > until) || (!All && BuildCacheUsage.IsShared(record)) || !Matches(record))
                continue;
            chosen.Add(record);
            left -= record.SizeBytes;
            freeNow += record.SizeBytes;
        }

        return chosen;
    }

    private bool Matches(BuildCacheRecord record) =>
        Ids?.Contains(BuildCacheUsage.IdOf(record)) != false
        && Filters.Any("id", id => BuildCacheUsage.IdOf(record).StartsWith(id, StringComparison.Ordinal))
        && Filters.Any("type", type => record.Kind == type)
        && Filters.Any("description", text => record.Description.Contains(text, StringComparison.Ordinal))
        // Results know nothing of one another, and what a build uses is not listed.
        && Filters.Any("parent", static _ => false)
        && (Filters.Boolean("inuse") ?? false) is false
        && (Filters.Boolean("shared") is not { } shared || shared == BuildCacheUsage.IsShared(record))
        && (Filters.Boolean("private") is not { } own || own != BuildCacheUsage.IsShared(record));
}
