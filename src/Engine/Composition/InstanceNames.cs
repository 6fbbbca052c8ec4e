using System.Security.Cryptography;
using System.Text;

namespace Gantry.Engine.Composition;

/// <summary>Names in the kernel that belong to one engine alone, made of its roots. Pure.</summary>
internal static class InstanceNames
{
    private static readonly EngineOptions s_defaults = new() { RuntimeBinary = "" };

    /// <summary>The instance; null for the one with the default roots, whose names are short.</summary>
    public static string? Instance(EngineOptions options) =>
        options.DataRoot == s_defaults.DataRoot && options.ExecRoot == s_defaults.ExecRoot
            ? null
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.DataRoot}\n{options.ExecRoot}")))[..8];

    /// <summary>The cgroup above the containers'.</summary>
    public static string CgroupParent(EngineOptions options) => options.CgroupParent ?? (Instance(options) is { } instance ? $"/gantry-{instance}" : "/gantry");
}
