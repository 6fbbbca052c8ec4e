using System.Security.Cryptography;
using System.Text;
using Gantry.Engine.Operations;
using Gantry.Model.Api;

namespace Gantry.Engine.Builds;

/// <summary>The build cache as the Engine API tells of it. Pure.</summary>
internal static class BuildCacheUsage
{
    // As long as BuildKit's.
    private const int IdDigits = 25;

    /// <summary>The id under which a record is known outside.</summary>
    public static string IdOf(string owner) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)))[..IdDigits];

    /// <summary>Whether images have all of it, so that removing it frees nothing.</summary>
    public static bool IsShared(BuildCacheRecord record) => record.SizeBytes == 0 && record.Kind is not (CacheMounts.Kind or KeptContexts.Kind);

    /// <summary>What the cache takes on disk.</summary>
    public static BuildCacheDiskUsage Measure(IReadOnlyList<BuildCacheRecord> records) => new()
    {
        TotalCount = records.Count,
        ActiveCount = records.Count(static record => record.IsInUse),
        TotalSize = records.Sum(static record => record.SizeBytes),
        Reclaimable = records.Where(static record => !record.IsInUse).Sum(static record => record.SizeBytes),
        Items = [.. records.Select(static record => new BuildCacheResource
        {
            ID = IdOf(record.Owner),
            Parents = record.Parent is { } parent ? [IdOf(parent)] : null,
            Type = record.Kind,
            Description = record.Description,
            InUse = record.IsInUse,
            Shared = IsShared(record),
            Size = record.SizeBytes,
            CreatedAt = GoTime.Format(record.Created),
            LastUsedAt = GoTime.Format(record.LastUsed),
            UsageCount = record.Uses,
        })],
    };
}
