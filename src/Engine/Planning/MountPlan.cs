using Gantry.Engine.Remap;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Planning;

/// <summary>The mounts of a container, in the order in which they are made.</summary>
/// <remarks>Source: moby daemon/pkg/oci/defaults.go and daemon/oci_linux.go, withMounts.</remarks>
internal static class MountPlan
{
    // Left writable by --read-only: what a process needs to run at all.
    private static readonly HashSet<string> _writable = new(StringComparer.Ordinal) { "/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue" };

    public static List<RuntimeMount> Of(PlanInput input)
    {
        var host = input.HostConfig;
        var later = Files(input);
        later.AddRange(SharedMemory(input));
        later.AddRange(input.Mounts.Select(mount => User(mount, input)));
        var taken = later.Select(mount => mount.Destination).ToHashSet(StringComparer.Ordinal);
        var users = input.Mounts.Select(mount => mount.Destination).ToHashSet(StringComparer.Ordinal);

        var mounts = Defaults(input)
            .Where(mount => !taken.Contains(mount.Destination))
            .Where(mount => !(users.Contains("/dev") && mount.Destination.StartsWith("/dev/", StringComparison.Ordinal)))
            .ToList();
        if (host.ReadonlyRootfs == true)
        {
            mounts = [.. mounts.Select(ReadOnly)];
            later = [.. later.Select(mount => users.Contains(mount.Destination) ? mount : ReadOnly(mount))];
        }

        // By depth, so that /etc is mounted before /etc/hosts; OrderBy is stable.
        mounts.AddRange(later.OrderBy(mount => Depth(mount.Destination)));
        return mounts;
    }

    private static IEnumerable<RuntimeMount> Defaults(PlanInput input)
    {
        var privileged = input.HostConfig.Privileged == true;
        yield return Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        yield return Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        yield return Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        yield return privileged && input.HostConfig.ReadonlyRootfs != true
            ? Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev")
            : Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
        yield return SecurityOptions.Parse(input.HostConfig.SecurityOpt).WritableCgroups ?? privileged
            ? Mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev")
            : Mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev");
        // Of the host's message queues a user namespace may mount nothing; they work without.
        if (!ContainerModes.IsHost(input.HostConfig.IpcMode) || RemapRules.Of(input.HostConfig, input.Facts) is null)
            yield return Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        if (input.HostConfig.IpcMode != "none")
        {
            var size = input.HostConfig.ShmSize is > 0 and { } asked ? asked : SpecDefaults.ShmSizeBytes;
            yield return Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={size}");
        }
    }

    // With an IPC namespace that others share, /dev/shm is a mount of the host that others bind too.
    private static IEnumerable<RuntimeMount> SharedMemory(PlanInput input)
    {
        var source = ContainerModes.IsHost(input.HostConfig.IpcMode) ? "/dev/shm" : input.ShmPath;
        if (source is not null && !input.Mounts.Any(mount => mount.Destination == "/dev/shm"))
            yield return Mount("/dev/shm", "bind", source, "rbind", "rprivate");
    }

    private static List<RuntimeMount> Files(PlanInput input)
    {
        var files = new List<RuntimeMount>();
        Add("/etc/resolv.conf", input.ResolvConfPath);
        Add("/etc/hostname", input.HostnamePath);
        Add("/etc/hosts", input.HostsPath);
        if (LaunchPlanner.RunsInit(input))
            files.Add(Mount(LaunchPlanner.InitPath, "bind", input.InitPath!, "bind", "ro"));
        return files;

        void Add(string destination, string? source)
        {
            if (source is not null && !input.Mounts.Any(mount => mount.Destination == destination))
                files.Add(Mount(destination, "bind", source, "rbind", "rprivate"));
        }
    }

    private static RuntimeMount User(PlanMount mount, PlanInput input)
    {
        if (mount.Kind == PlanMountKind.Tmpfs)
            return new() { Destination = mount.Destination, Type = "tmpfs", Source = "tmpfs", Options = TmpfsOptions(mount) };

        if (mount.Kind == PlanMountKind.Image)
            return Image(mount);
        var options = new List<string> { mount.NonRecursive ? "bind" : "rbind" };
        if (mount.ReadOnly)
            options.Add(ReadOnlyOption(mount, input.Facts));
        options.Add(Propagation(mount, input.DataRoot));
        options.AddRange(Part(mount));
        return new() { Destination = mount.Destination, Type = "bind", Source = mount.Source, Options = options, UidMappings = mount.Ids?.Uids, GidMappings = mount.Ids?.Gids };
    }

    // Overlayfs wants two layers at least; one is a directory like any other.
    private static RuntimeMount Image(PlanMount mount)
    {
        string[] options = ["ro", "nosuid", "nodev", .. Part(mount)];
        var mounted = mount.ImageLayers is [var only]
            ? new RuntimeMount { Destination = mount.Destination, Type = "bind", Source = only, Options = ["bind", "rprivate", .. options] }
            : new RuntimeMount { Destination = mount.Destination, Type = "overlay", Source = "overlay", Options = [$"lowerdir={string.Join(':', mount.ImageLayers)}", .. options] };
        return mounted with { UidMappings = mount.Ids?.Uids, GidMappings = mount.Ids?.Gids };
    }

    private static string[] Part(PlanMount mount) => mount.Subpath is { } path ? [$"X-mount.subdir={path}"] : [];

    private static string ReadOnlyOption(PlanMount mount, HostFacts facts)
    {
        if (mount.ReadOnlyForceRecursive && !facts.RecursiveReadOnly)
            throw GantryException.Of(ErrorKind.Invalid, $"mount \"{mount.Destination}\" asks for recursive read-only, which needs kernel 5.12 or newer: leave bind-recursive=readonly out");
        return mount.ReadOnlyNonRecursive || mount.NonRecursive || !facts.RecursiveReadOnly ? "ro" : "rro";
    }

    private static string Propagation(PlanMount mount, string? dataRoot)
    {
        if (mount.Propagation.Length > 0)
            return mount.Propagation;
        // A container that sees the engine's own directory must not keep its mounts alive after they are gone on the host.
        var holdsRoot = mount.Kind == PlanMountKind.Bind && dataRoot is not null && (mount.Source == "/" || dataRoot == mount.Source || dataRoot.StartsWith(mount.Source + "/", StringComparison.Ordinal));
        return holdsRoot ? "rslave" : "rprivate";
    }

    /// <summary>The defaults of a tmpfs with the user's options over them: of two that exclude each other the later wins.</summary>
    private static List<string> TmpfsOptions(PlanMount mount)
    {
        var merged = new List<string>();
        IEnumerable<string> all = ["noexec", "nosuid", "nodev", "rprivate", .. mount.ReadOnly ? ["ro"] : Array.Empty<string>(), .. mount.TmpfsOptions];
        foreach (var option in all)
        {
            var key = TmpfsKey(option);
            merged.RemoveAll(earlier => TmpfsKey(earlier) == key);
            if (option != "defaults")
                merged.Add(option);
        }

        return merged;
    }

    private static string TmpfsKey(string option) => option switch
    {
        "exec" or "noexec" => "exec",
        "suid" or "nosuid" => "suid",
        "dev" or "nodev" => "dev",
        "ro" or "rw" => "ro",
        "atime" or "noatime" or "relatime" or "norelatime" or "strictatime" => "atime",
        "private" or "rprivate" or "shared" or "rshared" or "slave" or "rslave" or "unbindable" or "runbindable" => "propagation",
        _ => option.Split('=', 2)[0],
    };

    private static RuntimeMount ReadOnly(RuntimeMount mount) =>
        _writable.Contains(mount.Destination) || mount.Options?.Contains("ro") == true ? mount : mount with { Options = [.. mount.Options ?? [], "ro"] };

    private static int Depth(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length;

    private static RuntimeMount Mount(string destination, string type, string source, params string[] options) =>
        new() { Destination = destination, Type = type, Source = source, Options = options };
}
