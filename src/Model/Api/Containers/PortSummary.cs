namespace Gantry.Model.Api;

/// <summary>Wire shape <c>PortSummary</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition PortSummary.</remarks>
public sealed record PortSummary
{
    public string? IP { get; init; }

    public int? PrivatePort { get; init; }

    public int? PublicPort { get; init; }

    public string? Type { get; init; }
}
