using System.Globalization;
using Gantry.Kernel.Abi;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>The five capability sets of a process as bit masks, ready for capset(2), prctl(2) and the ambient calls.</summary>
/// <remarks>Source: capabilities(7); runtime-spec config.md, Linux process.</remarks>
public sealed record CapabilitySets
{
    private static int? _last;

    public ulong Bounding { get; init; }

    public ulong Effective { get; init; }

    public ulong Permitted { get; init; }

    public ulong Inheritable { get; init; }

    /// <summary>Only what is permitted and inheritable too: the kernel raises no other.</summary>
    public ulong Ambient { get; init; }

    /// <summary>The highest capability number this kernel has, from <c>/proc/sys/kernel/cap_last_cap</c>.</summary>
    public static int LastCapability => _last ??= int.Parse(File.ReadAllText("/proc/sys/kernel/cap_last_cap").AsSpan().Trim(), CultureInfo.InvariantCulture);

    /// <summary>Every capability of this kernel.</summary>
    public static ulong All => ulong.MaxValue >> (63 - LastCapability);

    /// <summary>Makes masks of names. Null lists are empty sets.</summary>
    /// <param name="capabilities">Names with their <c>CAP_</c> prefix; case does not count.</param>
    /// <param name="lastCapability">Names above it are left out, as this kernel cannot give them; null asks the kernel.</param>
    /// <exception cref="GantryException">Invalid: a name that no kernel has, or a set that the kernel's rules forbid.</exception>
    public static CapabilitySets Of(RuntimeCapabilities? capabilities, int? lastCapability = null)
    {
        if (capabilities is null)
            return new();
        var known = ulong.MaxValue >> (63 - (lastCapability ?? LastCapability));
        var sets = new CapabilitySets
        {
            Bounding = Mask(capabilities.Bounding, "bounding") & known,
            Effective = Mask(capabilities.Effective, "effective") & known,
            Permitted = Mask(capabilities.Permitted, "permitted") & known,
            Inheritable = Mask(capabilities.Inheritable, "inheritable") & known,
            Ambient = Mask(capabilities.Ambient, "ambient") & known,
        };
        if ((sets.Effective & ~sets.Permitted) is var extra and not 0)
            throw GantryException.Of(ErrorKind.Invalid, $"process.capabilities.effective has {string.Join(", ", Capability.NamesOf(extra))}, which permitted lacks: add them there too");
        // NOTE: no error for ambient ones that cannot be raised: the config that runc 1.1 writes has them, and runc ignores them.
        return sets with { Ambient = sets.Ambient & sets.Permitted & sets.Inheritable };
    }

    private static ulong Mask(IReadOnlyList<string>? names, string set)
    {
        var mask = 0UL;
        foreach (var name in names ?? [])
        {
            var number = Capability.Find(name.ToUpperInvariant());
            if (number < 0)
                throw GantryException.Of(ErrorKind.Invalid, $"unknown capability \"{name}\" in process.capabilities.{set}: names are like CAP_NET_ADMIN");
            mask |= 1UL << number;
        }

        return mask;
    }
}
