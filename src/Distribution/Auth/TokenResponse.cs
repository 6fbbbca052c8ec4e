using System.Text.Json.Serialization;

namespace Gantry.Distribution;

/// <summary>A token server's answer. Source: distribution docs/spec/auth/token.md, oauth.md.</summary>
internal sealed record TokenResponse
{
    [JsonPropertyName("token")]
    public string? Token { get; init; }

    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }

    public override string ToString() => "***";
}
