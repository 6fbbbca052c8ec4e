namespace Gantry.Distribution;

/// <summary>What a client may show to a registry. Never logged: its text is always <c>***</c>.</summary>
public sealed record RegistryCredentials
{
    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>A refresh token, used in place of a password (<c>docker login</c> stores it with user name <c>&lt;token&gt;</c>).</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token to be used as it is.</summary>
    public string? RegistryToken { get; init; }

    /// <inheritdoc/>
    public override string ToString() => "***";
}
