namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SystemVersionPlatform</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SystemVersionPlatform.</remarks>
public sealed record SystemVersionPlatform
{
    public string? Name { get; init; }
}
