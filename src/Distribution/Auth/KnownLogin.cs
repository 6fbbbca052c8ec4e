using Gantry.Model.Api;

namespace Gantry.Distribution;

/// <summary>A login that is known already.</summary>
internal sealed class KnownLogin(AuthConfig? login) : IRegistryAccess
{
    public Task<AuthConfig?> FindLoginAsync(CancellationToken cancellationToken) => Task.FromResult(login);

    public Task<string?> FindTokenAsync(TokenRequest request, CancellationToken cancellationToken) => Task.FromResult(login?.RegistryToken);
}
