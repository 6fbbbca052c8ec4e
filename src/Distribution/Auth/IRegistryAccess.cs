using Gantry.Model.Api;

namespace Gantry.Distribution;

/// <summary>Who may speak to a registry for somebody: asked when the registry asks, and not before.</summary>
public interface IRegistryAccess
{
    /// <summary>What the registry may be shown; null: nothing.</summary>
    Task<AuthConfig?> FindLoginAsync(CancellationToken cancellationToken);

    /// <summary>A token of the registry's token server, obtained by whoever has the login, so that nobody else need know it; null: they leave that to others.</summary>
    /// <exception cref="Model.GantryException">They were refused one.</exception>
    Task<string?> FindTokenAsync(TokenRequest request, CancellationToken cancellationToken);
}
