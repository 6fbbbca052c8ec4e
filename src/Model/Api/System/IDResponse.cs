namespace Gantry.Model.Api;

/// <summary>Wire shape <c>IDResponse</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition IDResponse.</remarks>
public sealed record IDResponse
{
    public string? Id { get; init; }
}
