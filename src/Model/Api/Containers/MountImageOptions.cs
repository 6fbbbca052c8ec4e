namespace Gantry.Model.Api;

/// <summary>Wire shape <c>MountImageOptions</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition MountImageOptions.</remarks>
public sealed record MountImageOptions
{
    public string? Subpath { get; init; }
}
