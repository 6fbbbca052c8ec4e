using System.Text.Json.Serialization;

namespace Gantry.Model.Images;

/// <summary>Source-generated JSON of image documents.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 32)]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageConfiguration))]
[JsonSerializable(typeof(Descriptor))]
[JsonSerializable(typeof(IReadOnlyList<ArchiveManifestEntry>))]
public sealed partial class ImageJsonContext : JsonSerializerContext;
