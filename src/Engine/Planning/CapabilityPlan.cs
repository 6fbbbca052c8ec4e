using Gantry.Kernel.Abi;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Planning;

/// <summary>Which capabilities a container gets.</summary>
/// <remarks>Source: moby daemon/pkg/oci/caps.</remarks>
internal static class CapabilityPlan
{
    /// <summary>What a container gets that asks for nothing, in the order Docker writes them.</summary>
    public static IReadOnlyList<string> Defaults { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <summary>The container's capabilities, bounding set first to last.</summary>
    /// <exception cref="GantryException">Invalid: an unknown name, or one that this engine does not have itself.</exception>
    public static IReadOnlyList<string> Resolve(HostConfig hostConfig, ulong available)
    {
        if (hostConfig.Privileged == true)
            return Capability.NamesOf(available);
        var problems = new List<string>();
        var add = Normalize(hostConfig.CapAdd, available, problems);
        var drop = Normalize(hostConfig.CapDrop, available, problems);
        if (problems.Count > 0)
            throw GantryException.Of(ErrorKind.Invalid, string.Join('\n', problems));
        if (add.Contains("ALL"))
            return [.. Capability.NamesOf(available).Where(name => !drop.Contains(name))];
        if (drop.Contains("ALL"))
            return add;
        // The defaults an engine lacks itself (it may run confined) are left out; what was asked for by name was checked above.
        var kept = Defaults.Where(name => !drop.Contains(name) && (available & (1UL << Capability.Find(name))) != 0).ToList();
        kept.AddRange(add.Where(name => !kept.Contains(name)));
        return kept;
    }

    /// <summary>Names in capitals with their prefix; adds a sentence for each that cannot be had.</summary>
    public static IReadOnlyList<string> Normalize(IReadOnlyList<string>? names, ulong available, List<string> problems)
    {
        var full = new List<string>();
        foreach (var name in names ?? [])
        {
            var upper = name.ToUpperInvariant();
            if (upper != "ALL" && !upper.StartsWith("CAP_", StringComparison.Ordinal))
                upper = "CAP_" + upper;
            if (upper is "ALL" or "CAP_ALL")
            {
                full.Add("ALL");
                continue;
            }

            var number = Capability.Find(upper);
            if (number < 0)
                problems.Add($"unknown capability: \"{upper}\"");
            else if ((available & (1UL << number)) == 0)
                problems.Add($"capability not supported by your kernel or not available in the current environment: \"{upper}\"");
            else
                full.Add(upper);
        }

        return full;
    }
}
