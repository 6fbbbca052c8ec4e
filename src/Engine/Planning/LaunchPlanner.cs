using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>Makes the runtime config of a container. Pure: the same input gives the same plan.</summary>
public static class LaunchPlanner
{
    /// <summary>Plans a launch.</summary>
    /// <exception cref="GantryException">Invalid: something of the input cannot be had here; the sentence says what.</exception>
    public static RuntimeConfig Plan(PlanInput input) => throw GantryException.Of(ErrorKind.NotSupported, "launches are not planned yet");
}
