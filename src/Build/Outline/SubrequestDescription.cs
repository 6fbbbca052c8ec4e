using System.Text.Json.Serialization;

namespace Gantry.Build;

/// <summary>A question that can be asked about a build.</summary>
/// <remarks>Source: moby/buildkit frontend/subrequests/types.go.</remarks>
public sealed record SubrequestDescription
{
    /// <summary>As in <c>frontend.outline</c>.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("version")]
    public required string Version { get; init; }

    [JsonPropertyName("type")]
    public string Type { get; init; } = "rpc";

    [JsonPropertyName("description")]
    public required string Description { get; init; }

    /// <summary>What may be said along with it.</summary>
    [JsonPropertyName("opts")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<SubrequestField>? Options { get; init; }

    [JsonPropertyName("inputs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<SubrequestField>? Inputs { get; init; }

    /// <summary>What the answer has.</summary>
    [JsonPropertyName("metadata")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<SubrequestField>? Metadata { get; init; }

    [JsonPropertyName("refs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<SubrequestField>? Refs { get; init; }
}
