using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Cgroups;

/// <summary>The device rules of a container, in the order in which they count: the last that matches decides.</summary>
/// <param name="AllowByDefault">What holds for a device that no exception matches.</param>
/// <param name="Exceptions">Allowing and denying rules after the last that spoke of all devices.</param>
internal sealed record DeviceRules(bool AllowByDefault, IReadOnlyList<DeviceException> Exceptions)
{
    // What every container can do: make device nodes (opening them is another matter), and use the nodes a runtime puts into /dev.
    private static readonly DeviceException[] _always =
    [
        new('c', null, null, DeviceAccess.Mknod, true, Optional: true),
        new('b', null, null, DeviceAccess.Mknod, true, Optional: true),
        new('c', 1, 3, DeviceAccess.All, true, Optional: true),
        new('c', 1, 5, DeviceAccess.All, true, Optional: true),
        new('c', 1, 7, DeviceAccess.All, true, Optional: true),
        new('c', 1, 8, DeviceAccess.All, true, Optional: true),
        new('c', 1, 9, DeviceAccess.All, true, Optional: true),
        new('c', 5, 0, DeviceAccess.All, true, Optional: true),
        new('c', 5, 1, DeviceAccess.All, true, Optional: true),
        new('c', 5, 2, DeviceAccess.All, true, Optional: true),
        new('c', 136, null, DeviceAccess.All, true, Optional: true),
    ];

    /// <summary>Reads the rules of a config and adds those that every container needs. Rules for the same device are merged.</summary>
    /// <exception cref="GantryException">Invalid: a type, number or access that there is not.</exception>
    public static DeviceRules Of(IReadOnlyList<LinuxDeviceRule> rules)
    {
        // NOTE: deny is where a container starts: a config whose first rule allows one device does not mean to allow all others.
        var allowByDefault = false;
        var exceptions = new List<DeviceException>();
        foreach (var rule in rules)
        {
            var access = Access(rule);
            var type = rule.Type is null or "" ? "a" : rule.Type;
            if (type is not ("a" or "b" or "c"))
                throw GantryException.Of(ErrorKind.Invalid, $"device rule type \"{rule.Type}\" is not one of a, b, c");
            var major = Number(rule.Major, "major");
            var minor = Number(rule.Minor, "minor");
            if (type == "a" && major is null && minor is null && access == DeviceAccess.All)
            {
                allowByDefault = rule.Allow;
                exceptions.Clear();
                continue;
            }

            foreach (var one in type == "a" ? "bc" : type)
                Add(exceptions, new(one, major, minor, access, rule.Allow));
        }

        if (!allowByDefault)
        {
            foreach (var needed in _always)
            {
                if (!exceptions.Exists(known => known.Allow && known.Covers(needed)))
                    Add(exceptions, needed);
            }
        }

        // A rule that says what holds anyway is left out, unless an earlier one says otherwise.
        exceptions = [.. exceptions.Where((rule, at) => rule.Allow != allowByDefault || exceptions.Take(at).Any(earlier => earlier.Allow != rule.Allow && earlier.Overlaps(rule)))];
        return new(allowByDefault, exceptions);
    }

    private static void Add(List<DeviceException> exceptions, DeviceException rule)
    {
        var at = exceptions.FindIndex(known => known.SameDevice(rule));
        if (at < 0)
        {
            exceptions.Add(rule);
        }
        else if (exceptions[at].Allow == rule.Allow && !exceptions.Skip(at + 1).Any(later => later.Allow != rule.Allow && later.Overlaps(rule)))
        {
            exceptions[at] = exceptions[at] with { Access = exceptions[at].Access | rule.Access };
        }
        else
        {
            var left = exceptions[at] with { Access = exceptions[at].Access & ~rule.Access };
            if (left.Access == 0)
                exceptions.RemoveAt(at);
            else
                exceptions[at] = left;
            exceptions.Add(rule);
        }
    }

    private static DeviceAccess Access(LinuxDeviceRule rule)
    {
        var access = DeviceAccess.None;
        foreach (var letter in string.IsNullOrEmpty(rule.Access) ? "rwm" : rule.Access)
        {
            access |= letter switch
            {
                'm' => DeviceAccess.Mknod,
                'r' => DeviceAccess.Read,
                'w' => DeviceAccess.Write,
                _ => throw GantryException.Of(ErrorKind.Invalid, $"device access \"{rule.Access}\" is not made of r, w and m"),
            };
        }

        return access;
    }

    private static uint? Number(long? number, string what) => number switch
    {
        null or -1 => null,
        >= 0 and <= uint.MaxValue => (uint)number,
        _ => throw GantryException.Of(ErrorKind.Invalid, $"device {what} number {number} is not between 0 and {uint.MaxValue}, nor -1 for all"),
    };
}
