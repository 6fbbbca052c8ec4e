using System.Text.Json.Nodes;
using Gantry.Engine.Operations;

namespace Gantry.Api.Versions;

/// <summary>API 1.42 dropped the kernel memory limit, and prunes only anonymous volumes.</summary>
/// <remarks>Mirrors moby v23: KernelMemory and KernelMemoryTCP of info; the limits themselves are ignored.</remarks>
internal static class V141To142
{
    public static void AddKernelMemory(JsonObject info)
    {
        info.TryAdd("KernelMemory", false);
        info.TryAdd("KernelMemoryTCP", false);
    }

    /// <summary>Since then <c>volumes/prune</c> spares volumes that people named, unless it is told otherwise.</summary>
    public static Filters PruneAll(Filters filters, ApiVersion version) => version >= new ApiVersion(1, 42) || filters.Has("all")
        ? filters
        : Filters.Of([.. filters.Keys.SelectMany(key => filters[key].Select(value => (key, value))), ("all", "true")]);
}
