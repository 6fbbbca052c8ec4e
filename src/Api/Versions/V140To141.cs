using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.41 brought cgroup namespaces of a container's own and dropped the external key-value store of the first swarm.</summary>
/// <remarks>Mirrors moby v20.10: CgroupnsMode; ClusterStore and ClusterAdvertise of info.</remarks>
internal static class V140To141
{
    public static void AddClusterStore(JsonObject info)
    {
        info.TryAdd("ClusterStore", "");
        info.TryAdd("ClusterAdvertise", "");
    }

    /// <summary>A create request of a client that does not know cgroup namespaces expects the host's.</summary>
    public static void UseHostCgroups(JsonObject create) => RequestShims.DefaultOfHostConfig(create, "CgroupnsMode", "host");
}
