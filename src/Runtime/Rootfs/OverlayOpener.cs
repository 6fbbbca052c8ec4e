using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;
using Gantry.Runtime.Init;

namespace Gantry.Runtime.Rootfs;

/// <summary>
/// Mounts read-only overlays in the parent, as detached mounts: those of which a part is wanted, and those with more layers than
/// the child's fsconfig(2) takes.
/// </summary>
internal static class OverlayOpener
{
    // fsconfig(2) takes a value of 255 bytes at most.
    private const int LongestOption = 255;

    public static bool Takes(RuntimeMount mount, MountOptions options) =>
        mount.Type == "overlay" && options.ReadOnly && (options.Subdirectory is not null || mount.UidMappings is { Count: > 0 } || options.Data.Exists(static option => option.Length > LongestOption));

    /// <exception cref="GantryException">A layer is missing, the kernel refuses, or the part is not there.</exception>
    public static Fd Open(RuntimeMount mount, MountOptions options)
    {
        try
        {
            var whole = mount.UidMappings is { Count: > 0 } ? OpenMapped(mount, options) : DetachedMounts.OpenReadOnly("overlay", mount.Source ?? "overlay", options.Data, "/");
            if (options.Subdirectory is null)
                return whole;
            // NOTE: kernels before 6.15 copy no part of a mount that is attached nowhere, and say EINVAL.
            using (whole)
                return Subdirectory.Clone(whole, mount, options);
        }
        catch (SyscallException refused)
        {
            throw LaunchErrors.Of(LaunchStage.Rootfs, $"mount {mount.Source} at {mount.Destination}", refused);
        }
    }

    // Overlayfs itself knows no id mappings; it takes each layer from the mount that the layer is reached by.
    private static Fd OpenMapped(RuntimeMount mount, MountOptions options)
    {
        const string Layers = "lowerdir=";
        var layers = options.Data.FirstOrDefault(static option => option.StartsWith(Layers, StringComparison.Ordinal)) ?? Layers;
        var parents = layers[Layers.Length..].Split(':').Select(Path.GetDirectoryName).Distinct().ToList();
        if (parents is not [{ Length: > 1 } parent])
            throw GantryException.Of(ErrorKind.Invalid, $"mount {mount.Source} at {mount.Destination}: layers mounted with mapped ids must lie in one directory");
        var overlay = new RootfsMount { Type = "overlay", Source = mount.Source ?? "overlay", Options = [.. options.Data, "ro", "nosuid", "nodev"], MappedRoot = parent };
        return RootfsAssembly.Open(parent, [overlay], new LinuxConfig { UidMappings = mount.UidMappings, GidMappings = mount.GidMappings });
    }
}
