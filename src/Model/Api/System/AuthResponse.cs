namespace Gantry.Model.Api;

/// <summary>Wire shape <c>AuthResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition AuthResponse.</remarks>
public sealed record AuthResponse
{
    public string? Status { get; init; }

    public string? IdentityToken { get; init; }
}
