using System.Text.Json;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageManifestSummaryImageData</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageManifestSummaryImageData.</remarks>
public sealed record ImageManifestSummaryImageData
{
    public OCIPlatform? Platform { get; init; }

    public JsonElement? Identity { get; init; }

    public IReadOnlyList<string>? Containers { get; init; }

    public ImageManifestSummaryImageDataSize? Size { get; init; }
}
