using System.Globalization;

namespace Gantry.Runtime.Cgroups;

/// <summary>One rule about some devices.</summary>
/// <param name="Type"><c>c</c> or <c>b</c>.</param>
/// <param name="Major">The major number; null for all.</param>
/// <param name="Minor">The minor number; null for all.</param>
/// <param name="Access">What it is about.</param>
/// <param name="Allow">Whether it allows.</param>
/// <param name="Optional">Not asked for: a cgroup above that refuses it is no error.</param>
internal sealed record DeviceException(char Type, uint? Major, uint? Minor, DeviceAccess Access, bool Allow, bool Optional = false)
{
    public bool SameDevice(DeviceException other) => Type == other.Type && Major == other.Major && Minor == other.Minor;

    public bool Overlaps(DeviceException other) =>
        Type == other.Type && (Access & other.Access) != 0
        && (Major is null || other.Major is null || Major == other.Major) && (Minor is null || other.Minor is null || Minor == other.Minor);

    /// <summary>True when it is about every device and every access that the other is about.</summary>
    public bool Covers(DeviceException other) =>
        Type == other.Type && (Access & other.Access) == other.Access
        && (Major is null || Major == other.Major) && (Minor is null || Minor == other.Minor);

    /// <summary>As devices.allow takes it: <c>c 1:3 rwm</c>.</summary>
    public override string ToString()
    {
        var access = $"{((Access & DeviceAccess.Read) != 0 ? "r" : "")}{((Access & DeviceAccess.Write) != 0 ? "w" : "")}{((Access & DeviceAccess.Mknod) != 0 ? "m" : "")}";
        return string.Create(CultureInfo.InvariantCulture, $"{Type} {(object?)Major ?? "*"}:{(object?)Minor ?? "*"} {access}");
    }
}
