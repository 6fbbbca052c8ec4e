using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Gantry.Runtime.Rootfs;
using NS = Gantry.Kernel.Sys.Namespaces;

namespace Gantry.Runtime.External;

/// <summary>What another runtime finds ready: a mounted root filesystem, and a configuration that names everything by path.</summary>
internal static class ExternalBundle
{
    // What every runtime in use understands; crun of 2023 refuses a newer one. Nothing is asked for that came later.
    private const string OciVersion = "1.0.2";

    /// <summary>
    /// Mounts the root filesystem in a mount namespace of this thread's own, whose children the runtime's processes are:
    /// the host's list of mounts stays short, and it all goes with the monitor.
    /// </summary>
    /// <param name="path">Where to.</param>
    /// <param name="mounts">What it is made of.</param>
    /// <param name="linux">The container's id mappings, if it has some.</param>
    /// <exception cref="GantryException">A mount failed.</exception>
    public static void MountRootfs(string path, IReadOnlyList<RootfsMount> mounts, LinuxConfig? linux)
    {
        try
        {
            NS.Unshare(NS.CLONE_NEWNS);
            Mounts.Mount(null, "/", null, MountFlags.MS_SLAVE | MountFlags.MS_REC);
            if (linux?.UidMappings is { Count: > 0 } && mounts.Any(static mount => mount.MappedRoot is not null))
            {
                MountMapped(path, mounts, linux);
                return;
            }

            foreach (var mount in mounts)
            {
                var options = MountOptions.Parse(mount.Options);
                var flags = (options.ReadOnly ? MountFlags.MS_RDONLY : 0) | (mount.Type == "bind" ? MountFlags.MS_BIND | MountFlags.MS_REC : 0);
                if (mount.WorkingDirectory is { } directory)
                    Processes.ChangeDirectory(directory);
                Mounts.Mount(mount.Source, path, mount.Type == "bind" ? null : mount.Type, flags, string.Join(',', options.Data));
            }
        }
        catch (SyscallException error)
        {
            throw GantryException.Of(ErrorKind.Internal, $"the root filesystem cannot be mounted: {error.Message}", new LaunchFailure(LaunchStage.Rootfs, error.Number), error);
        }
        finally
        {
            Processes.ChangeDirectory("/");
        }
    }

    private static void MountMapped(string path, IReadOnlyList<RootfsMount> mounts, LinuxConfig linux)
    {
        using var tree = RootfsAssembly.Open(path, mounts, linux);
        using var place = Files.Open(path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        var moved = Mounts.TryMove(tree, place);
        if (moved < 0)
            throw new SyscallException("move_mount", -moved, path);
    }

    /// <summary>Mounts the parts of volumes and images, which other runtimes cannot take apart, below the bundle: in this thread's mount namespace.</summary>
    /// <returns>The configuration with binds of those in their place.</returns>
    /// <exception cref="GantryException">A part is not there, or cannot be mounted.</exception>
    public static RuntimeConfig AttachParts(RuntimeConfig config, string directory)
    {
        var mounts = config.Mounts.ToList();
        for (var i = 0; i < mounts.Count; i++)
        {
            var mount = mounts[i];
            var options = MountOptions.Parse(mount.Options);
            if (options.Subdirectory is null && mount.UidMappings is not { Count: > 0 } && !OverlayOpener.Takes(mount, options))
                continue;
            using var tree = OverlayOpener.Takes(mount, options) ? OverlayOpener.Open(mount, options) : BindOpener.Open(mount, directory, keepShared: false, config.Linux);
            var place = Path.Combine(directory, $"part-{i}");
            if (Files.Status(tree).IsDirectory)
                Directory.CreateDirectory(place);
            else
                File.WriteAllBytes(place, []);
            using var there = Files.Open(place, OpenFlags.O_PATH);
            var moved = Mounts.TryMove(tree, there);
            if (moved < 0)
                throw GantryException.During($"mount {mount.Source} for {mount.Destination}", new SyscallException("move_mount", -moved));
            mounts[i] = mount with { Type = "bind", Source = place, UidMappings = null, GidMappings = null, Options = [options.BindRecursive ? "rbind" : "bind", .. (mount.Options ?? []).Where(Passes)] };
        }

        return config with { Mounts = mounts };

        static bool Passes(string option) => option is not ("bind" or "rbind") && !option.Contains('=', StringComparison.Ordinal);
    }

    /// <summary>The configuration with the network namespace as a path that the runtime's processes can open while this process lives.</summary>
    public static RuntimeConfig Complete(RuntimeConfig config, Fd? networkNamespace)
    {
        config = config with { OciVersion = OciVersion };
        if (networkNamespace is null || config.Linux is not { } linux)
            return config;
        var path = $"/proc/{Environment.ProcessId}/fd/{networkNamespace.Number}";
        return config with
        {
            Linux = linux with { Namespaces = [.. (linux.Namespaces ?? []).Select(space => space.Type == "network" ? space with { Path = path } : space)] },
        };
    }
}
