namespace Gantry.Model.Api;

/// <summary>Wire shape <c>VolumeUsageData</c> of the Docker Engine API.</summary>
/// <remarks>Source: Engine API 1.56, definition VolumeUsageData.</remarks>
public sealed record VolumeUsageData
{
    public long? Size { get; init; }

    public long? RefCount { get; init; }
}
