namespace Gantry.Model.Api;

/// <summary>Wire shape <c>IndexInfo</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition IndexInfo.</remarks>
public sealed record IndexInfo
{
    public string? Name { get; init; }

    public IReadOnlyList<string>? Mirrors { get; init; }

    public bool? Secure { get; init; }

    public bool? Official { get; init; }
}
