using System.Text.Json.Serialization;

namespace Gantry.Distribution;

/// <summary>The body of a registry's error. Source: distribution-spec, "Error Codes".</summary>
internal sealed record RegistryErrorBody
{
    [JsonPropertyName("errors")]
    public IReadOnlyList<RegistryErrorEntry>? Errors { get; init; }
}
