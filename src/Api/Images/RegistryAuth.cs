using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Images;

/// <summary>Reads the header <c>X-Registry-Auth</c>: credentials as JSON in base64, of the URL alphabet or the ordinary one.</summary>
/// <remarks>Source: moby api/types/registry/authconfig.go.</remarks>
public static class RegistryAuth
{
    private const int MaxChars = 64 << 10;

    /// <returns>Null when the header is absent or empty.</returns>
    /// <exception cref="GantryException">Invalid: not base64, or not JSON. The text never holds a part of the header.</exception>
    public static AuthConfig? Read(IHeaderDictionary headers)
    {
        var text = headers["X-Registry-Auth"].ToString();
        if (text.Length == 0)
            return null;
        if (text.Length > MaxChars)
            throw Broken("it is too long");
        try
        {
            var auth = ApiJson.Read<AuthConfig>(Decode(text));
            return auth is null ? null : WithPair(auth);
        }
        catch (FormatException)
        {
            throw Broken("it is not base64");
        }
        catch (JsonException)
        {
            throw Broken("it is not JSON in base64");
        }
    }

    private static byte[] Decode(string text) =>
        text.AsSpan().IndexOfAny('+', '/') >= 0 ? Convert.FromBase64String(text) : Base64Url.DecodeFromChars(text.AsSpan().TrimEnd('='));

    // Some clients send only auth = base64(user:password).
    internal static AuthConfig WithPair(AuthConfig auth)
    {
        if (auth.Auth is not { Length: > 0 } pair || auth.Username is { Length: > 0 })
            return auth;
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(pair));
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? auth : auth with { Username = text[..colon], Password = text[(colon + 1)..] };
    }

    private static GantryException Broken(string why) =>
        GantryException.Of(ErrorKind.Invalid, $"invalid X-Registry-Auth header: {why}");
}
