namespace Gantry.Model.Api;

/// <summary>Wire shape <c>HostConfigLogConfig</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition HostConfigLogConfig.</remarks>
public sealed record HostConfigLogConfig
{
    public string? Type { get; init; }

    public IReadOnlyDictionary<string, string>? Config { get; init; }
}
