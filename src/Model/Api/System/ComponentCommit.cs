namespace Gantry.Model.Api;

/// <summary>Wire shape <c>Commit</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition Commit.</remarks>
public sealed record ComponentCommit
{
    public string? ID { get; init; }
}
