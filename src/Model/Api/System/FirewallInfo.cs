namespace Gantry.Model.Api;

/// <summary>Wire shape <c>FirewallInfo</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition FirewallInfo.</remarks>
public sealed record FirewallInfo
{
    public string? Driver { get; init; }

    public IReadOnlyList<IReadOnlyList<string>>? Info { get; init; }
}
