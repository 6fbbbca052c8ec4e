namespace Gantry.Model.Api;

/// <summary>Wire shape <c>ImageHistoryResponseItem</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition ImageHistoryResponseItem.</remarks>
public sealed record ImageHistoryResponseItem
{
    public string? Id { get; init; }

    public long? Created { get; init; }

    public string? CreatedBy { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public long? Size { get; init; }

    public string? Comment { get; init; }
}
