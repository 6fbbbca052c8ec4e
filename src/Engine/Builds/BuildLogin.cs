using Gantry.Build;
using Gantry.Model.Api;

namespace Gantry.Engine.Builds;

/// <summary>A client's login for a registry, as the registry client takes it.</summary>
internal static class BuildLogin
{
    /// <summary>Asks the client; null: it has none.</summary>
    public static async Task<AuthConfig?> FindAsync(IBuildSession session, string domain, CancellationToken cancellationToken)
    {
        if (await session.FindLoginAsync(domain, cancellationToken) is not { } login)
            return null;
        // A secret without a name is an identity token.
        return login.Username.Length == 0
            ? new AuthConfig { IdentityToken = login.Secret, ServerAddress = domain }
            : new AuthConfig { Username = login.Username, Password = login.Secret, ServerAddress = domain };
    }
}
