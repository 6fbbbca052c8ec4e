using System.Buffers.Text;
using System.Text.Json;
using Gantry.Engine.Uploads;
using Gantry.Model.Api;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Builds;

/// <summary>Reads the header <c>X-Registry-Config</c>: logins by registry, as JSON in base64 of either alphabet.</summary>
/// <remarks>Source: Engine API, ImageBuild. What cannot be read counts as no logins, as with moby.</remarks>
internal static class RegistryConfig
{
    private const int MaxChars = 1 << 20;

    public static RegistryLogins Read(IHeaderDictionary headers)
    {
        var text = headers["X-Registry-Config"].ToString();
        if (text.Length is 0 or > MaxChars)
            return RegistryLogins.None;
        try
        {
            var bytes = text.AsSpan().IndexOfAny('+', '/') >= 0 ? Convert.FromBase64String(text) : Base64Url.DecodeFromChars(text.AsSpan().TrimEnd('='));
            using var document = JsonDocument.Parse(bytes);
            var logins = new Dictionary<string, AuthConfig>();
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var entry in document.RootElement.EnumerateObject())
                {
                    if (entry.Value.ValueKind == JsonValueKind.Object && ApiJson.Read<AuthConfig>(entry.Value.GetRawText()) is { } login)
                        logins[entry.Name] = Images.RegistryAuth.WithPair(login);
                }
            }

            return new(logins);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return RegistryLogins.None;
        }
    }
}
