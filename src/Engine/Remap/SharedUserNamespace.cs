using System.Globalization;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Remap;

/// <summary>The user namespace of a container that shares others' namespaces.</summary>
/// <remarks>Source: moby daemon/oci_linux.go WithNamespaces: to share a namespace, they must also share a user namespace.</remarks>
internal static class SharedUserNamespace
{
    /// <summary>Finds the namespace of those that share with it; null when there are none.</summary>
    /// <param name="donors">The containers' names, and their first processes.</param>
    /// <param name="remap">The mapping that the container is to have.</param>
    /// <exception cref="GantryException">Conflict: they are in several user namespaces, or in one with other ids.</exception>
    public static string? Find(IReadOnlyList<(string Name, int Pid)> donors, IdMap remap)
    {
        string? path = null, found = null;
        foreach (var (name, pid) in donors)
        {
            var process = $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}";
            try
            {
                if (!IdMap.Parse(File.ReadAllText($"{process}/uid_map"), File.ReadAllText($"{process}/gid_map")).IsSame(remap))
                    throw GantryException.Of(ErrorKind.Conflict, $"cannot share a namespace of container {name}: it has other user ids on the host; give both the same --userns, or restart {name} if the engine's --userns-remap has changed since");
                var own = File.ResolveLinkTarget($"{process}/ns/user", returnFinalTarget: false)?.Name;
                if (found is not null && own != found)
                    throw GantryException.Of(ErrorKind.Conflict, $"cannot share namespaces of containers {donors[0].Name} and {name} at once: each has a user namespace of its own; have one of them share those of the other, or use --userns=host");
                (path, found) = ($"{process}/ns/user", own);
            }
            catch (IOException ended)
            {
                throw GantryException.Of(ErrorKind.Conflict, $"cannot share a namespace of container {name}: it has just ended", cause: ended);
            }
        }

        return path;
    }
}
