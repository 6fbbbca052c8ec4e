using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Distribution;

/// <summary>A manifest or index as its source gave it, verified against its digest.</summary>
public sealed record FetchedManifest
{
    /// <summary>What such a document may be.</summary>
    internal static readonly string[] Types = [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest];

    public required string MediaType { get; init; }

    public required Digest Digest { get; init; }

    /// <summary>The exact bytes.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether it is a list of manifests.</summary>
    public bool IsIndex { get; init; }

    /// <summary>Finds out what a document is.</summary>
    /// <remarks>NOTE: a document must not be an index to one reader and a manifest to another (CVE-2021-41190).</remarks>
    /// <param name="contentType">What it was said to be; null: nothing was said.</param>
    /// <param name="digest">Which the content has.</param>
    /// <param name="name">What people call it.</param>
    /// <exception cref="GantryException">Invalid: it is no manifest, or two things at once. NotSupported: another kind of document.</exception>
    public static FetchedManifest Read(string? contentType, ReadOnlyMemory<byte> content, Digest digest, string name)
    {
        string? inside = null;
        bool hasManifests;
        bool hasLayers;
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 32 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException("it is no object");
            hasManifests = document.RootElement.TryGetProperty("manifests", out _);
            hasLayers = document.RootElement.TryGetProperty("layers", out _) || document.RootElement.TryGetProperty("config", out _);
            if (document.RootElement.TryGetProperty("mediaType", out var value) && value.ValueKind == JsonValueKind.String)
                inside = value.GetString();
        }
        catch (JsonException e)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"the manifest of {name} is not JSON: {e.Message}", cause: e);
        }

        if (hasManifests && hasLayers)
            throw GantryException.Of(ErrorKind.Invalid, $"the manifest of {name} is ambiguous: it has both \"manifests\" and \"layers\"");
        var mediaType = inside ?? (Types.Contains(contentType) ? contentType : null) ?? (hasManifests ? MediaTypes.OciIndex : hasLayers ? MediaTypes.OciManifest : contentType ?? "nothing");
        if (mediaType.StartsWith("application/vnd.docker.distribution.manifest.v1", StringComparison.Ordinal))
            throw GantryException.Of(ErrorKind.NotSupported, $"{name} is stored in Docker's old format (manifest version 2, schema 1), which is not supported: push it again with a current tool");
        var isIndex = mediaType is MediaTypes.OciIndex or MediaTypes.DockerManifestList;
        if (!Types.Contains(mediaType) || isIndex != hasManifests)
            throw GantryException.Of(ErrorKind.NotSupported, $"{name} is not a container image: it is of the type {mediaType}");
        return new() { MediaType = mediaType, Digest = digest, Content = content, IsIndex = isIndex };
    }
}
