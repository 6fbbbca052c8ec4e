namespace Gantry.Model.Api;

/// <summary>Wire shape <c>DriverData</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition DriverData.</remarks>
public sealed record DriverData
{
    public string? Name { get; init; }

    public IReadOnlyDictionary<string, string>? Data { get; init; }
}
