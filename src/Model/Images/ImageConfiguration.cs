using System.Text.Json.Serialization;
using Gantry.Model.Api;

namespace Gantry.Model.Images;

/// <summary>The configuration blob of an image; its digest is the image's id. Source: image-spec config.md.</summary>
public sealed record ImageConfiguration
{
    /// <summary>RFC 3339.</summary>
    [JsonPropertyName("created")]
    public string? Created { get; init; }

    [JsonPropertyName("author")]
    public string? Author { get; init; }

    [JsonPropertyName("architecture")]
    public string? Architecture { get; init; }

    [JsonPropertyName("os")]
    public string? Os { get; init; }

    [JsonPropertyName("variant")]
    public string? Variant { get; init; }

    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    [JsonPropertyName("config")]
    public ImageConfig? Config { get; init; }

    [JsonPropertyName("rootfs")]
    public required ImageRootFs RootFs { get; init; }

    [JsonPropertyName("history")]
    public IReadOnlyList<ImageHistoryEntry>? History { get; init; }

    [JsonPropertyName("comment")]
    public string? Comment { get; init; }

    [JsonPropertyName("docker_version")]
    public string? DockerVersion { get; init; }

    /// <summary>A build cache that the image carries along, as JSON (<c>--cache-to type=inline</c>).</summary>
    [JsonPropertyName("moby.buildkit.cache.v0")]
    public byte[]? InlineCache { get; init; }
}
