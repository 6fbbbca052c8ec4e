using System.Globalization;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Build;

/// <summary>How a result is written: the attributes of a <see cref="BuildOutput"/>, read.</summary>
/// <remarks>Source: buildkit README, "Output", and exporter/containerimage/exptypes.</remarks>
public sealed record ExportOptions
{
    /// <summary>Of layers that were made here; those of base images stay as they are, unless <see cref="ForceCompression"/> says otherwise. Null: gzip.</summary>
    public LayerCompression? Compression { get; init; }

    /// <summary>0–9 for gzip, 0–22 for zstd; null: the usual one.</summary>
    public int? CompressionLevel { get; init; }

    public bool ForceCompression { get; init; }

    /// <summary>OCI's media types rather than Docker's; null: as the output usually has them.</summary>
    public bool? OciTypes { get; init; }

    /// <summary>Push under no tag.</summary>
    public bool PushByDigest { get; init; }

    /// <summary>Whether the client gets an archive; otherwise it gets the files that it would hold.</summary>
    public bool AsArchive { get; init; } = true;

    /// <summary>Whether the files of each platform go to a directory of its own; null: where there are several.</summary>
    public bool? SplitPlatforms { get; init; }

    /// <summary>Put it among the engine's images.</summary>
    public bool Store { get; init; } = true;

    /// <summary>What the files of attestations begin with, where files are sent.</summary>
    public string AttestationPrefix { get; init; } = "";

    public IReadOnlyList<ImageAnnotation> Annotations { get; init; } = [];

    /// <summary>Reads attributes; those that are not known are somebody else's.</summary>
    /// <exception cref="GantryException">Invalid: a value makes no sense. NotSupported: it would be of no effect.</exception>
    public static ExportOptions Read(IReadOnlyDictionary<string, string> attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (attributes.ContainsKey("source-date-epoch"))
            throw GantryException.Of(ErrorKind.NotSupported, "an output has no time of its own (source-date-epoch): give the build one, with --build-arg SOURCE_DATE_EPOCH=SECONDS");
        var compression = CompressionOf(attributes);
        return new()
        {
            Compression = compression,
            CompressionLevel = LevelOf(attributes),
            ForceCompression = Flag(attributes, "force-compression") ?? false,
            OciTypes = Flag(attributes, "oci-mediatypes"),
            PushByDigest = Flag(attributes, "push-by-digest") ?? false,
            AsArchive = Flag(attributes, "tar") ?? true,
            SplitPlatforms = Flag(attributes, "platform-split"),
            Store = Flag(attributes, "store") ?? true,
            AttestationPrefix = attributes.GetValueOrDefault("attestation-prefix", ""),
            Annotations = [.. attributes.OrderBy(static a => a.Key, StringComparer.Ordinal).Select(static a => ImageAnnotation.Find(a.Key, a.Value)).OfType<ImageAnnotation>()],
        };
    }

    /// <summary>A switch: <c>push</c>, <c>push=true</c>, <c>push=1</c>; null: it is not there.</summary>
    /// <exception cref="GantryException">Invalid: neither true nor false.</exception>
    public static bool? Flag(IReadOnlyDictionary<string, string> attributes, string key)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        if (!attributes.TryGetValue(key, out var text))
            return null;
        return text switch
        {
            "" or "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            _ => throw GantryException.Of(ErrorKind.Invalid, $"non-bool value specified for {key}: {GoText.Quote(text)}: write true or false"),
        };
    }

    private static LayerCompression? CompressionOf(IReadOnlyDictionary<string, string> attributes) => attributes.GetValueOrDefault("compression", "") switch
    {
        "" => null,
        "gzip" => LayerCompression.Gzip,
        "zstd" => LayerCompression.Zstd,
        "uncompressed" => LayerCompression.None,
        var other => throw GantryException.Of(ErrorKind.Invalid, $"unsupported layer compression type: {other}: use gzip, zstd or uncompressed"),
    };

    private static int? LevelOf(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.GetValueOrDefault("compression-level", "") is not { Length: > 0 } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var level) && level <= 22
            ? level
            : throw GantryException.Of(ErrorKind.Invalid, $"non-integer value specified for compression-level: {GoText.Quote(text)}: write 0 to 9 for gzip, 0 to 22 for zstd");
    }
}
