namespace Gantry.Build;

/// <summary>What a token for a registry is wanted for.</summary>
/// <param name="Realm">The token server's address.</param>
/// <param name="Service">What the token server knows the registry as; empty: the registry did not say.</param>
/// <param name="Scopes">As in <c>repository:library/debian:pull</c>.</param>
public sealed record RegistryTokenRequest(Uri Realm, string Service, IReadOnlyList<string> Scopes);
