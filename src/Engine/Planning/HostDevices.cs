using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>The host's device nodes that a container asks for: what the planner cannot know without looking.</summary>
/// <param name="Devices">Nodes to make in the container.</param>
/// <param name="Rules">The access that goes with them.</param>
/// <param name="BlockDevices">Numbers of the devices that block I/O limits name.</param>
public sealed record HostDevices(IReadOnlyList<LinuxDevice> Devices, IReadOnlyList<LinuxDeviceRule> Rules, IReadOnlyDictionary<string, (long Major, long Minor)> BlockDevices)
{
    // Made anew by every container, or not devices at all.
    private static readonly HashSet<string> _skipped = new(StringComparer.Ordinal) { "pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console", "ptmx" };

    private static HostDevices None { get; } = new([], [], new Dictionary<string, (long, long)>());

    /// <summary>Finds the devices of a host configuration. Costs nothing when it asks for none.</summary>
    /// <exception cref="GantryException">Invalid: in Docker's words, a path that is no device.</exception>
    public static HostDevices Find(HostConfig host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var limited = Limited(host).ToList();
        if (host.Privileged != true && host.Devices is null or { Count: 0 } && limited.Count == 0)
            return None;

        var devices = new List<LinuxDevice>();
        var rules = new List<LinuxDeviceRule>();
        if (host.Privileged == true)
            Collect("/dev", "/dev", devices);
        foreach (var mapping in host.Devices ?? [])
            Add(mapping, devices, rules);

        var numbers = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var path in limited)
        {
            if (Files.TryStatus(null, path, 0, out var status) < 0 || Type(status) != "b")
                throw GantryException.Of(ErrorKind.Invalid, $"\"{path}\" of a block I/O limit is not a block device of this host: name one as in /dev/sda");
            numbers[path] = (status.RdevMajor, status.RdevMinor);
        }

        return new(devices, rules, numbers);
    }

    private static IEnumerable<string> Limited(HostConfig host)
    {
        var throttled = new[] { host.BlkioDeviceReadBps, host.BlkioDeviceWriteBps, host.BlkioDeviceReadIOps, host.BlkioDeviceWriteIOps };
        return (host.BlkioWeightDevice ?? []).Select(device => device.Path ?? "").Concat(throttled.SelectMany(limits => limits ?? []).Select(limit => limit.Path ?? "")).Distinct(StringComparer.Ordinal);
    }

    private static void Add(DeviceMapping mapping, List<LinuxDevice> devices, List<LinuxDeviceRule> rules)
    {
        var path = mapping.PathOnHost ?? "";
        var inside = string.IsNullOrEmpty(mapping.PathInContainer) ? path : mapping.PathInContainer;
        var access = string.IsNullOrEmpty(mapping.CgroupPermissions) ? "rwm" : mapping.CgroupPermissions;
        var result = Files.TryStatus(null, path, 0, out var status);
        if (result < 0)
            throw GantryException.Of(ErrorKind.Invalid, $"error gathering device information while adding custom device \"{path}\": {Errno.Text(-result)}");

        var before = devices.Count;
        if (Type(status) is not null)
            devices.Add(Device(inside, status));
        else if (status.IsDirectory)
            Collect(path, inside, devices);
        if (devices.Count == before)
            throw GantryException.Of(ErrorKind.Invalid, $"error gathering device information while adding custom device \"{path}\": not a device node");
        foreach (var device in devices.Skip(before))
            rules.Add(new() { Allow = true, Type = device.Type, Major = device.Major, Minor = device.Minor, Access = access });
    }

    // /dev is the host's own: only root puts anything there, and links are not followed.
    private static void Collect(string directory, string inside, List<LinuxDevice> devices)
    {
        foreach (var path in Directory.GetFileSystemEntries(directory).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (_skipped.Contains(name) || Files.TryStatus(null, path, OpenFlags.AT_SYMLINK_NOFOLLOW, out var status) < 0)
                continue;
            if (Type(status) is not null)
                devices.Add(Device($"{inside}/{name}", status));
            else if (status.IsDirectory)
                Collect(path, $"{inside}/{name}", devices);
        }
    }

    private static LinuxDevice Device(string path, FileStatus status) => new()
    {
        Path = path,
        Type = Type(status)!,
        Major = status.RdevMajor,
        Minor = status.RdevMinor,
        FileMode = status.Mode & 0xFFF,
        Uid = status.Uid,
        Gid = status.Gid,
    };

    private static string? Type(FileStatus status) => (status.Mode & FileModes.S_IFMT) switch
    {
        FileModes.S_IFCHR => "c",
        FileModes.S_IFBLK => "b",
        _ => null,
    };
}
