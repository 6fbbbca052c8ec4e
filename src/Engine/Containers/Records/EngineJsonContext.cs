using System.Text.Json.Serialization;

namespace Gantry.Engine.Containers.Records;

/// <summary>How the engine's records are written into the database.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ContainerRecord))]
internal sealed partial class EngineJsonContext : JsonSerializerContext;
