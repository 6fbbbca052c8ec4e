using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ContainerMemoryStats</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ContainerMemoryStats.</remarks>
public sealed record ContainerMemoryStats
{
    /// <summary>Bytes, page cache included.</summary>
    [JsonPropertyName("usage")]
    public long? Usage { get; init; }

    /// <summary>Cgroup version 1 only.</summary>
    [JsonPropertyName("max_usage")]
    public long? MaxUsage { get; init; }

    /// <summary><c>memory.stat</c>, whose keys differ between the versions of cgroups.</summary>
    [JsonPropertyName("stats")]
    public IReadOnlyDictionary<string, long>? Stats { get; init; }

    [JsonPropertyName("failcnt")]
    public long? FailCount { get; init; }

    /// <summary>The machine's memory when the container has no limit.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; init; }
}
