using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Remap;

/// <summary>Which containers have a user namespace, and what does not go together with one. Pure.</summary>
/// <remarks>Source: moby daemon/daemon_unix.go verifyPlatformContainerSettings.</remarks>
internal static class RemapRules
{
    /// <summary>A container's mapping; null: it has the host's user namespace.</summary>
    public static IdMap? Of(HostConfig host, HostFacts facts) => ContainerModes.IsHost(host.UsernsMode) ? null : facts.Remap;

    public static void Find(HostConfig host, HostFacts facts, List<string> problems)
    {
        if (Of(host, facts) is null)
            return;
        if (host.Privileged == true)
            problems.Add("privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode");
        else if (ContainerModes.IsHost(host.NetworkMode))
            problems.Add("cannot share the host's network namespace when user namespaces are enabled");
        else if (ContainerModes.IsHost(host.PidMode))
            problems.Add("cannot share the host PID namespace when user namespaces are enabled");
    }

    /// <summary>
    /// Whether a sysctl is one of the container's interface, which the runtime cannot set: with a user namespace the interface
    /// comes after it has made the network namespace.
    /// </summary>
    public static bool IsOfInterface(string sysctl)
    {
        var name = sysctl.Replace('/', '.');
        return name.StartsWith("net.", StringComparison.Ordinal) && name.Contains(".eth0.", StringComparison.Ordinal);
    }

    /// <summary>The same at a start: the engine may have been given another configuration since the container was created.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void Check(HostConfig host, HostFacts facts)
    {
        var problems = new List<string>();
        Find(host, facts, problems);
        if (problems.Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, problems[0]);
    }
}
