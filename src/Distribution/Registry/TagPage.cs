using System.Text.Json.Serialization;

namespace Gantry.Distribution;

/// <summary>A page of a repository's tags. Source: distribution-spec, "Listing Tags".</summary>
internal sealed record TagPage
{
    [JsonPropertyName("tags")]
    public IReadOnlyList<string>? Tags { get; init; }
}
