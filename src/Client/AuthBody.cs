using System.Buffers;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>Credentials for a registry as JSON: the body of /auth, and, in base64, the header X-Registry-Auth.</summary>
/// <remarks>Source: Engine API, AuthConfig. What is empty is left out.</remarks>
public static class AuthBody
{
    /// <summary>Encodes a user's password, or a token in its place.</summary>
    public static ReadOnlyMemory<byte> Encode(string server, string user, string password, string? token)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        if (user.Length > 0)
            json.WriteString("username", user);
        if (password.Length > 0)
            json.WriteString("password", password);
        json.WriteString("serveraddress", server);
        if (!string.IsNullOrEmpty(token))
            json.WriteString("identitytoken", token);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }
}
