using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Confine;

/// <summary>Resource limits by their names in the spec.</summary>
/// <remarks>Source: getrlimit(2), uapi/asm-generic/resource.h (the numbers of x86-64 and arm64 agree).</remarks>
public static class Rlimits
{
    private static readonly string[] _names =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    /// <summary>Every name, by number.</summary>
    public static IReadOnlyList<string> Names => _names;

    /// <summary>The limits as numbers for prlimit64(2).</summary>
    /// <exception cref="GantryException">Invalid: an unknown or repeated type, or a soft limit above the hard one.</exception>
    public static IReadOnlyList<(int Resource, ulong Soft, ulong Hard)> Of(IReadOnlyList<RuntimeRlimit>? rlimits)
    {
        var limits = new List<(int, ulong, ulong)>();
        var seen = 0;
        foreach (var rlimit in rlimits ?? [])
        {
            var resource = Array.IndexOf(_names, rlimit.Type);
            if (resource < 0)
                throw GantryException.Of(ErrorKind.Invalid, $"unknown rlimit \"{rlimit.Type}\": write one of {string.Join(", ", _names)}");
            if ((seen & (1 << resource)) != 0)
                throw GantryException.Of(ErrorKind.Invalid, $"rlimit {rlimit.Type} is given twice: leave one out");
            if (rlimit.Soft > rlimit.Hard)
                throw GantryException.Of(ErrorKind.Invalid, $"rlimit {rlimit.Type}: the soft limit {rlimit.Soft} is above the hard limit {rlimit.Hard}");
            seen |= 1 << resource;
            limits.Add((resource, rlimit.Soft, rlimit.Hard));
        }

        return limits;
    }
}
