using System.Globalization;
using Gantry.Engine.Planning;
using Gantry.Model.Api;

namespace Gantry.Engine.Volumes;

/// <summary>Reads <c>--mount</c> and <c>--tmpfs</c> as the API has them.</summary>
/// <remarks>Source: moby volume/mounts/validate.go and linux_parser.go.</remarks>
internal static class MountSpecs
{
    private static readonly HashSet<string> _propagation = new(StringComparer.Ordinal) { "private", "rprivate", "slave", "rslave", "shared", "rshared" };

    // What tmpfs takes as a mount option. Source: moby/sys/mount and kernel Documentation/filesystems/tmpfs.rst.
    private static readonly HashSet<string> _tmpfsOptions = new(StringComparer.Ordinal)
    {
        "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "mand", "nomand", "atime", "noatime",
        "diratime", "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime", "private", "rprivate", "shared", "rshared", "slave", "rslave",
        "unbindable", "runbindable", "bind", "rbind", "remount",
        "mode", "uid", "gid", "size", "nr_inodes", "nr_blocks", "mpol",
    };

    public static MountRequest? Parse(MountSpec mount, List<string> problems)
    {
        var type = mount.Type ?? "";
        var before = problems.Count;
        var request = type switch
        {
            "bind" => Bind(mount, problems),
            "volume" => Volume(mount, problems),
            "tmpfs" => Tmpfs(mount, problems),
            "image" => Image(mount, problems),
            "" => Wrong(problems, "", "mount type unknown: \"\"; write type=bind, type=volume, type=tmpfs or type=image"),
            "npipe" or "cluster" => Wrong(problems, type, "is not supported here; mount a volume or a host directory instead"),
            _ => Wrong(problems, type, "mount type unknown: write type=bind, type=volume, type=tmpfs or type=image"),
        };
        var target = mount.Target ?? "";
        if (target.Length == 0)
            problems.Add($"invalid mount config for type \"{type}\": field Target must not be empty");
        else if (target[0] != '/')
            problems.Add($"invalid mount config for type \"{type}\": invalid mount path: '{target}' mount path must be absolute");
        else if (ContainerPath.CleanHost(target) == "/")
            problems.Add($"invalid mount config for type \"{type}\": invalid specification: destination can't be '/'");
        return problems.Count > before || request is null ? null : request with { Destination = ContainerPath.CleanHost(target) };
    }

    /// <summary>Reads one <c>--tmpfs</c>.</summary>
    public static MountRequest? Tmpfs(string destination, string options, List<string> problems)
    {
        var clean = ContainerPath.Clean(destination, problems, destination);
        var list = options.Split(',', StringSplitOptions.RemoveEmptyEntries);
        CheckTmpfs(list, problems);
        return clean is null ? null : new() { Kind = PlanMountKind.Tmpfs, Destination = clean, TmpfsOptions = list, Mode = options };
    }

    private static MountRequest? Bind(MountSpec mount, List<string> problems)
    {
        Exclusive(mount, "bind", problems);
        var source = mount.Source ?? "";
        if (source.Length == 0)
            return Wrong(problems, "bind", "field Source must not be empty");
        if (source[0] != '/')
            return Wrong(problems, "bind", $"invalid mount path: '{source}' mount path must be absolute");
        var options = mount.BindOptions;
        if (!string.IsNullOrEmpty(options?.Propagation) && !_propagation.Contains(options.Propagation))
            return Wrong(problems, "bind", $"invalid propagation mode: {options.Propagation}");
        if (options is { ReadOnlyNonRecursive: true, ReadOnlyForceRecursive: true })
            return Wrong(problems, "bind", "mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive");
        if (mount.ReadOnly != true && (options?.ReadOnlyNonRecursive == true || options?.ReadOnlyForceRecursive == true))
            return Wrong(problems, "bind", "mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive or BindOptions.ReadOnlyForceRecursive");
        return new()
        {
            Kind = PlanMountKind.Bind,
            Destination = "",
            Source = ContainerPath.CleanHost(source),
            CreateSource = options?.CreateMountpoint == true,
            ReadOnly = mount.ReadOnly == true,
            Propagation = options?.Propagation ?? "",
            NonRecursive = options?.NonRecursive == true,
            ReadOnlyNonRecursive = options?.ReadOnlyNonRecursive == true,
            ReadOnlyForceRecursive = options?.ReadOnlyForceRecursive == true,
        };
    }

    private static MountRequest? Volume(MountSpec mount, List<string> problems)
    {
        Exclusive(mount, "volume", problems);
        if (!string.IsNullOrEmpty(mount.Source) && VolumeNames.Problem(mount.Source) is { } problem)
            problems.Add(problem);
        var options = mount.VolumeOptions;
        if (options?.DriverConfig?.Name is not (null or "" or "local"))
            throw VolumeErrors.NoDriver(options.DriverConfig.Name);
        var subpath = options?.Subpath;
        if (LeadsOut(subpath))
            return Wrong(problems, "volume", "subpath must be a relative path within the volume");
        return new()
        {
            Kind = PlanMountKind.Volume,
            Destination = "",
            Source = string.IsNullOrEmpty(mount.Source) ? null : mount.Source,
            ReadOnly = mount.ReadOnly == true,
            CopyUp = options?.NoCopy != true,
            Subpath = string.IsNullOrEmpty(subpath) ? null : subpath,
            Labels = options?.Labels,
            DriverOptions = options?.DriverConfig?.Options,
            Mode = "z",
        };
    }

    private static MountRequest? Image(MountSpec mount, List<string> problems)
    {
        Exclusive(mount, "image", problems);
        if (string.IsNullOrEmpty(mount.Source))
            return Wrong(problems, "image", "field Source must not be empty");
        var subpath = mount.ImageOptions?.Subpath;
        if (LeadsOut(subpath))
            return Wrong(problems, "image", "subpath must be a relative path within the image");
        return new() { Kind = PlanMountKind.Image, Destination = "", Source = mount.Source, ReadOnly = true, Subpath = string.IsNullOrEmpty(subpath) ? null : subpath };
    }

    private static MountRequest? Tmpfs(MountSpec mount, List<string> problems)
    {
        Exclusive(mount, "tmpfs", problems);
        if (!string.IsNullOrEmpty(mount.Source))
            return Wrong(problems, "tmpfs", "field Source must not be specified");
        var list = new List<string>();
        if (mount.TmpfsOptions?.SizeBytes is not null and not 0 and { } size)
        {
            if (size < 0)
                return Wrong(problems, "tmpfs", "tmpfs size must not be negative");
            list.Add(string.Create(CultureInfo.InvariantCulture, $"size={size}"));
        }

        if (mount.TmpfsOptions?.Mode is not null and not 0 and { } mode)
            list.Add("mode=" + Convert.ToString(mode, 8));
        foreach (var option in mount.TmpfsOptions?.Options ?? [])
            list.Add(string.Join('=', option));
        CheckTmpfs(list, problems);
        return new() { Kind = PlanMountKind.Tmpfs, Destination = "", ReadOnly = mount.ReadOnly == true, TmpfsOptions = list };
    }

    private static bool LeadsOut(string? subpath) => !string.IsNullOrEmpty(subpath) && (subpath[0] == '/' || subpath.Split('/').Contains(".."));

    // Options of one type given for another show that the user meant something else.
    private static void Exclusive(MountSpec mount, string type, List<string> problems)
    {
        Only("bind", "BindOptions", mount.BindOptions is not null);
        Only("volume", "VolumeOptions", mount.VolumeOptions is not null);
        Only("tmpfs", "TmpfsOptions", mount.TmpfsOptions is not null);
        Only("image", "ImageOptions", mount.ImageOptions is not null);

        void Only(string owner, string field, bool given)
        {
            if (given && owner != type)
                Wrong(problems, type, $"field {field} must not be specified");
        }
    }

    private static void CheckTmpfs(IReadOnlyList<string> options, List<string> problems)
    {
        foreach (var option in options)
        {
            if (!_tmpfsOptions.Contains(option.Split('=', 2)[0]))
                problems.Add($"invalid tmpfs option [\"{option}\"]");
        }
    }

    private static MountRequest? Wrong(List<string> problems, string type, string what)
    {
        problems.Add($"invalid mount config for type \"{type}\": {what}");
        return null;
    }
}
