namespace Gantry.Model.Api;

/// <summary>Wire shape <c>DeviceRequest</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition DeviceRequest.</remarks>
public sealed record DeviceRequest
{
    public string? Driver { get; init; }

    public long? Count { get; init; }

    public IReadOnlyList<string>? DeviceIDs { get; init; }

    public IReadOnlyList<IReadOnlyList<string>>? Capabilities { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
