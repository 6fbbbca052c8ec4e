using System.Text.Json.Serialization;

namespace Gantry.Model.Images;

/// <summary>The layers of an image by diff id, oldest first.</summary>
public sealed record ImageRootFs
{
    [JsonPropertyName("type")]
    public string Type { get; init; } = "layers";

    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<Digest> DiffIds { get; init; } = [];
}
