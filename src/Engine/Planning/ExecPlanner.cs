using Gantry.Engine.Exec;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>Makes the process of an <c>exec</c> from what was asked and from the running container's own process.</summary>
public static class ExecPlanner
{
    /// <summary>Plans an exec: environment, user, capabilities and working directory start from the container's.</summary>
    /// <param name="exec">What was asked.</param>
    /// <param name="container">The process the container was launched with.</param>
    /// <param name="user">The user looked up for <c>exec --user</c>, or the container's own when null.</param>
    /// <param name="facts">The machine: <c>--privileged</c> gives every capability the engine has.</param>
    public static RuntimeProcess Plan(ExecCreateSpec exec, RuntimeProcess container, ResolvedUser? user, HostFacts facts) =>
        throw GantryException.Of(ErrorKind.NotSupported, "execs are not planned yet");
}
