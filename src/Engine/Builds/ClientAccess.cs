using Gantry.Build;
using Gantry.Distribution;
using Gantry.Model.Api;

namespace Gantry.Engine.Builds;

/// <summary>What a build's client may show to a registry.</summary>
internal sealed class ClientAccess(IBuildSession session, string domain) : IRegistryAccess
{
    /// <inheritdoc/>
    public async Task<AuthConfig?> FindLoginAsync(CancellationToken cancellationToken)
    {
        if (await session.FindLoginAsync(domain, cancellationToken) is not { } login)
            return null;
        // A secret without a name is an identity token: as a password it would be shown to whom it is not for.
        return login.Username.Length == 0
            ? new AuthConfig { IdentityToken = login.Secret, ServerAddress = domain }
            : new AuthConfig { Username = login.Username, Password = login.Secret, ServerAddress = domain };
    }

    /// <inheritdoc/>
    public async Task<string?> FindTokenAsync(TokenRequest request, CancellationToken cancellationToken) =>
        request.Realm is { } realm ? await session.FindTokenAsync(domain, new(realm, request.Service ?? "", request.Scopes), cancellationToken) : null;
}
