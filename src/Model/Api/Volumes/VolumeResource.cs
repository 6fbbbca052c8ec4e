using System.Text.Json;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>Volume</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition Volume.</remarks>
public sealed record VolumeResource
{
    public string? Name { get; init; }

    public string? Driver { get; init; }

    public string? Mountpoint { get; init; }

    public string? CreatedAt { get; init; }

    public IReadOnlyDictionary<string, EmptyObject>? Status { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public string? Scope { get; init; }

    public JsonElement? ClusterVolume { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }

    public VolumeUsageData? UsageData { get; init; }
}
