using Gantry.Model.Oci;

namespace Gantry.Runtime.Rootfs;

/// <summary>What every container finds in <c>/dev</c>. Source: runtime-spec config-linux.md, default devices and dev symbolic links.</summary>
internal static class DefaultDevices
{
    /// <summary>Link and target.</summary>
    public static readonly (string Name, string Target)[] Links =
    [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("core", "/proc/kcore"),
    ];

    /// <summary>The default devices and the config's, which win.</summary>
    public static IReadOnlyList<LinuxDevice> With(IReadOnlyList<LinuxDevice>? configured)
    {
        var devices = new List<LinuxDevice>(configured ?? []);
        Add("null", 1, 3);
        Add("zero", 1, 5);
        Add("full", 1, 7);
        Add("random", 1, 8);
        Add("urandom", 1, 9);
        Add("tty", 5, 0);
        return devices;

        void Add(string name, long major, long minor)
        {
            var path = "/dev/" + name;
            if (devices.Exists(d => InnerPath.Clean(d.Path) == path)) return;
            devices.Add(new LinuxDevice { Path = path, Type = "c", Major = major, Minor = minor, FileMode = 0x1B6 });
        }
    }
}
