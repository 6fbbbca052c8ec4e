using System.Globalization;
using Gantry.Api.BuildKit.Wire;
using Gantry.Engine;
using Gantry.Engine.Builds;
using Gantry.Model;
using Gantry.Model.Api;
using Google.Protobuf.WellKnownTypes;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>What the build cache keeps, as BuildKit's clients are told of it and take it away.</summary>
/// <remarks>Source: buildkit control/control.go (DiskUsage, Prune), cache/manager.go (calculateKeepBytes, adaptUsageInfo).</remarks>
internal static class CacheRecords
{
    private static readonly string[] s_fields = ["id", "parents", "description", "inuse", "mutable", "immutable", "type", "shared", "private"];

    /// <summary>The records that filters let through.</summary>
    /// <exception cref="GantryException">Invalid: a filter that cannot be read.</exception>
    public static async Task<IReadOnlyList<UsageRecord>> ListAsync(GantryEngine engine, DiskUsageRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var filter = FieldFilter.Parse(request.Filter, s_fields);
        var items = await ItemsAsync(engine, cancellationToken);
        var oldest = now - TimeSpan.FromTicks(request.AgeLimit / 100);
        return [.. items.Where(item => filter.Matches(field => Find(item, field))).Select(Describe).Where(record => request.AgeLimit <= 0 || record.LastUsedAt.ToDateTimeOffset() >= oldest)];
    }

    /// <summary>Removes what a client wants to be gone; returns it.</summary>
    /// <exception cref="GantryException">Invalid: a filter that cannot be read. Conflict: somebody else is removing.</exception>
    public static async Task<IReadOnlyList<UsageRecord>> PruneAsync(GantryEngine engine, PruneRequest request, CancellationToken cancellationToken)
    {
        var filter = FieldFilter.Parse(request.Filter, s_fields);
        var items = (await ItemsAsync(engine, cancellationToken)).ToDictionary(static item => item.ID ?? "");
        var answer = await engine.Pruning.BuildCacheAsync(
            new BuildCachePrune
            {
                All = request.All,
                UnusedFor = request.KeepDuration > 0 ? TimeSpan.FromTicks(request.KeepDuration / 100) : null,
                ReservedBytes = request.ReservedSpace,
                MaxUsedBytes = request.MaxUsedSpace,
                MinFreeBytes = request.MinFreeSpace,
                Ids = request.Filter.Count == 0 ? null : items.Where(pair => filter.Matches(field => Find(pair.Value, field))).Select(static pair => pair.Key).ToHashSet(),
            },
            cancellationToken);
        return [.. (answer.CachesDeleted ?? []).Where(items.ContainsKey).Select(id => Describe(items[id]))];
    }

    private static async Task<IReadOnlyList<BuildCacheResource>> ItemsAsync(GantryEngine engine, CancellationToken cancellationToken) =>
        (await engine.Usage.MeasureAsync(["build-cache"], cancellationToken)).BuildCacheUsage?.Items ?? [];

    private static string? Find(BuildCacheResource item, string field) => field switch
    {
        "id" => item.ID,
        "description" => item.Description,
        "type" => item.Type,
        "inuse" => Is(item.InUse == true),
        "shared" => Is(item.Shared == true),
        "private" => Is(item.Shared != true),
        "parents" => item.Parents is { Count: > 0 } parents ? string.Join(';', parents) : null,
        "mutable" => Is(IsMutable(item)),
        "immutable" => Is(!IsMutable(item)),
        _ => null,
    };

    // A field that is true or false is there or not.
    private static string? Is(bool value) => value ? "" : null;

    private static bool IsMutable(BuildCacheResource item) => item.Type == "exec.cachemount";

    private static UsageRecord Describe(BuildCacheResource item) => new()
    {
        ID = item.ID ?? "",
        Mutable = IsMutable(item),
        InUse = item.InUse == true,
        Size = item.Size ?? 0,
        CreatedAt = TimeOf(item.CreatedAt),
        LastUsedAt = TimeOf(item.LastUsedAt),
        UsageCount = item.UsageCount ?? 0,
        Description = item.Description ?? "",
        RecordType = item.Type ?? "",
        Shared = item.Shared == true,
        Parents = { item.Parents ?? [] },
    };

    private static Timestamp TimeOf(string? text) =>
        Timestamp.FromDateTimeOffset(DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.UnixEpoch);
}
