namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageDeleteResponseItem</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageDeleteResponseItem.</remarks>
public sealed record ImageDeleteResponseItem
{
    public string? Untagged { get; init; }

    public string? Deleted { get; init; }
}
