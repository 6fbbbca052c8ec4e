namespace Gantry.Build;

/// <summary>A name and its password, or an identity token, for a registry.</summary>
public sealed record RegistryLogin
{
    /// <summary>Empty: the secret is an identity token.</summary>
    public required string Username { get; init; }

    public required string Secret { get; init; }
}
