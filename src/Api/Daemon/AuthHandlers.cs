using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Api.Daemon;

/// <summary>Trying credentials on a registry for a client that wants to keep them.</summary>
internal static class AuthHandlers
{
    public static async Task CheckAsync(Exchange exchange)
    {
        var credentials = await exchange.ReadJsonAsync<AuthConfig>()
            ?? throw GantryException.Of(ErrorKind.Invalid, "invalid JSON: got EOF while reading request body"); // Source: moby httputils.ReadJSON
        await exchange.Engine.Images.LoginAsync(credentials, exchange.Requested);
        // Source: moby registry/auth.go. No identity token is asked for: clients keep what they sent.
        await exchange.WriteJsonAsync(new AuthResponse { Status = "Login Succeeded" });
    }
}
