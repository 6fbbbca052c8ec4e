namespace Gantry.Model.Api;

/// <summary>Wire shape <c>DeviceMapping</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition DeviceMapping.</remarks>
public sealed record DeviceMapping
{
    public string? PathOnHost { get; init; }

    public string? PathInContainer { get; init; }

    public string? CgroupPermissions { get; init; }
}
