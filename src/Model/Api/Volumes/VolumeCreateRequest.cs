using System.Text.Json;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>VolumeCreateRequest</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition VolumeCreateRequest.</remarks>
public sealed record VolumeCreateRequest
{
    public string? Name { get; init; }

    public string? Driver { get; init; }

    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public JsonElement? ClusterVolumeSpec { get; init; }
}
