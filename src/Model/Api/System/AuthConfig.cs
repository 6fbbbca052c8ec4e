using System.Text.Json.Serialization;

namespace Gantry.Model.Api;

/// <summary>Credentials for one registry: the JSON inside <c>X-Registry-Auth</c> and the body of <c>POST /auth</c>.</summary>
/// <remarks>Source: Engine API 1.56, AuthConfig. Never logged: <see cref="ToString"/> hides everything.</remarks>
public sealed record AuthConfig
{
    [JsonPropertyName("username")]
    public string? Username { get; init; }

    [JsonPropertyName("password")]
    public string? Password { get; init; }

    /// <summary><c>user:password</c> in base64; older clients send it in place of the two.</summary>
    [JsonPropertyName("auth")]
    public string? Auth { get; init; }

    [JsonPropertyName("serveraddress")]
    public string? ServerAddress { get; init; }

    /// <summary>A refresh token of the registry's token server.</summary>
    [JsonPropertyName("identitytoken")]
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token, sent to the registry as it is.</summary>
    [JsonPropertyName("registrytoken")]
    public string? RegistryToken { get; init; }

    public override string ToString() => "***";
}
