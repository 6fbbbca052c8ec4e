using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Wire shape <c>AuthConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition AuthConfig.</remarks>
public sealed record AuthConfig
{
    [JsonPropertyName("username")]
    public string? Username { get; init; }

    [JsonPropertyName("password")]
    public string? Password { get; init; }

    [JsonPropertyName("serveraddress")]
    public string? Serveraddress { get; init; }
}
