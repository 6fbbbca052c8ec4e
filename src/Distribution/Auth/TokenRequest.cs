namespace Gantry.Distribution;

/// <summary>What a token is wanted for.</summary>
/// <param name="Realm">The token server's address; null: none that could be told a secret.</param>
/// <param name="Service">What the token server knows the registry as; null: the registry did not say.</param>
/// <param name="Scopes">As in <c>repository:library/debian:pull</c>.</param>
/// <remarks>Source: distribution docs/spec/auth/token.md.</remarks>
public sealed record TokenRequest(Uri? Realm, string? Service, IReadOnlyList<string> Scopes);
