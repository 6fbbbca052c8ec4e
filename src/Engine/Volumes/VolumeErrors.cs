using Gantry.Model;

namespace Gantry.Engine.Volumes;

/// <summary>Sentences about volumes that clients may parse.</summary>
/// <remarks>Source: moby daemon/volume/service/{errors,store}.go.</remarks>
public static class VolumeErrors
{
    public static GantryException NotFound(string name) => GantryException.Of(ErrorKind.NotFound, $"get {name}: no such volume");

    public static GantryException NoDriver(string driver) =>
        GantryException.Of(ErrorKind.NotFound, $"error looking up volume plugin {driver}: plugin \"{driver}\" not found");

    public static GantryException InUse(string name, IReadOnlyList<ContainerId> users) =>
        GantryException.Of(ErrorKind.Conflict, $"remove {name}: volume is in use - [{string.Join(", ", users)}]");
}
