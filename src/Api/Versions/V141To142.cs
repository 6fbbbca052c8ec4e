using System.Text.Json.Nodes;

namespace Gantry.Api.Versions;

/// <summary>API 1.42 dropped the kernel memory limit.</summary>
/// <remarks>Mirrors moby v23: KernelMemory and KernelMemoryTCP of info; the limits themselves are ignored.</remarks>
internal static class V141To142
{
    public static void AddKernelMemory(JsonObject info)
    {
        info.TryAdd("KernelMemory", false);
        info.TryAdd("KernelMemoryTCP", false);
    }
}
