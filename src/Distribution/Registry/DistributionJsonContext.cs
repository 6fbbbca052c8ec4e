using System.Text.Json.Serialization;

namespace Gantry.Distribution;

[JsonSourceGenerationOptions(MaxDepth = 16)]
[JsonSerializable(typeof(RegistryErrorBody))]
[JsonSerializable(typeof(TagPage))]
[JsonSerializable(typeof(TokenResponse))]
internal sealed partial class DistributionJsonContext : JsonSerializerContext;
