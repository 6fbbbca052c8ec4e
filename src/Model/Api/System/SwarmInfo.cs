using System.Text.Json;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SwarmInfo</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SwarmInfo.</remarks>
public sealed record SwarmInfo
{
    public string? NodeID { get; init; }

    public string? NodeAddr { get; init; }

    public string? LocalNodeState { get; init; }

    public bool? ControlAvailable { get; init; }

    public string? Error { get; init; }

    public IReadOnlyList<JsonElement>? RemoteManagers { get; init; }

    public long? Nodes { get; init; }

    public long? Managers { get; init; }

    public JsonElement? Cluster { get; init; }
}
