namespace Gantry.Build;

/// <summary>One <c>--device</c> of RUN.</summary>
public sealed record DeviceFlag
{
    /// <summary>As in <c>vendor.com/class=name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Fail where there is no such device.</summary>
    public bool Required { get; init; }
}
