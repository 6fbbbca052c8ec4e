using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>What <c>--storage-opt</c> says of a container's writable layer: its size.</summary>
/// <remarks>Source: moby daemon/graphdriver/overlay2 parseStorageOpt.</remarks>
internal static class StorageOptions
{
    /// <summary>Finds what cannot be done.</summary>
    public static void Find(HostConfig host, HostFacts facts, List<string> problems)
    {
        foreach (var (key, value) in host.StorageOpt ?? new Dictionary<string, string>())
        {
            if (!IsSize(key))
                problems.Add($"Unknown option {key.ToLowerInvariant()}");
            else if (GoText.FindSize(value) is null)
                problems.Add($"invalid size: '{value}'");
            else if (!facts.LimitsSizes)
                problems.Add("--storage-opt size is not supported on this data root: its file system does not limit the size of directories; put --data-root on xfs mounted with pquota, or on ext4 made with \"mkfs.ext4 -O quota,project -E quotatype=prjquota\" and mounted with prjquota");
        }
    }

    /// <summary>How much the writable layer may hold, in bytes; null: no limit.</summary>
    public static long? SizeOf(HostConfig host) => host.StorageOpt?.FirstOrDefault(option => IsSize(option.Key)).Value is { } size && GoText.FindSize(size) is > 0 and var bytes ? bytes : null;

    private static bool IsSize(string key) => key.Equals("size", StringComparison.OrdinalIgnoreCase);
}
