using System.Buffers;
using System.Text.Json;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Which platforms a result is made for, as frontends tell clients.</summary>
/// <remarks>Source: buildkit exporter/containerimage/exptypes/types.go: Platforms.</remarks>
internal static class ResultPlatforms
{
    /// <summary>Writes them.</summary>
    /// <param name="platforms">As in <c>linux/arm/v7</c>.</param>
    public static ReadOnlySpan<byte> Write(IEnumerable<string> platforms)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("Platforms");
            foreach (var platform in platforms)
            {
                var parts = platform.Split('/');
                json.WriteStartObject();
                json.WriteString("ID", platform);
                json.WriteStartObject("Platform");
                json.WriteString("architecture", parts.ElementAtOrDefault(1) ?? "");
                json.WriteString("os", parts[0]);
                if (parts.Length > 2)
                    json.WriteString("variant", parts[2]);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
