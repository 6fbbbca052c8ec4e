namespace Gantry.Model.Api;

/// <summary>Wire shape <c>SystemVersionComponents</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition SystemVersionComponents.</remarks>
public sealed record SystemVersionComponents
{
    public string? Name { get; init; }

    public string? Version { get; init; }

    public IReadOnlyDictionary<string, string>? Details { get; init; }
}
