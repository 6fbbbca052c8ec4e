namespace Gantry.Model.Api;

/// <summary>Wire shape <c>PluginsInfo</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition PluginsInfo.</remarks>
public sealed record PluginsInfo
{
    public IReadOnlyList<string>? Volume { get; init; }

    public IReadOnlyList<string>? Network { get; init; }

    public IReadOnlyList<string>? Authorization { get; init; }

    public IReadOnlyList<string>? Log { get; init; }
}
