using Gantry.Kernel.Abi;
using Gantry.Kernel.Launch;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Init;
using static Gantry.Kernel.Sys.MountFlags;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Runtime.Rootfs;

/// <summary>
/// Compiles the config's mounts. Each is a detached mount first (fsmount or open_tree), with its attributes set, and is then
/// attached at a descriptor that openat2 resolved inside the root: at no moment does a path that the image controls decide
/// where something is mounted (CVE-2021-30465), and no mount is visible before its flags are.
/// </summary>
internal static class MountCompiler
{
    private static readonly Argument Mounted = Argument.Register(ChildScript.MountRegister);
    private static readonly Argument Target = Argument.Register(ChildScript.TargetRegister);

    /// <summary>Adds one mount.</summary>
    /// <param name="script">The program so far.</param>
    /// <param name="input">Where opened trees are.</param>
    /// <param name="index">Which of the config's mounts.</param>
    public static void Add(ChildScript script, LaunchInput input, int index)
    {
        var mount = input.Config.Mounts[index];
        var options = MountOptions.Parse(mount.Options);
        var destination = InnerPath.Clean(mount.Destination);
        script.Step(LaunchStage.Rootfs, $"mount {Subject(mount)} at {mount.Destination}");
        if (options.Remount)
        {
            script.OpenInRoot(destination, O_PATH, ChildScript.TargetRegister);
            script.SetAttributes(Target, options.Set, options.ClearMask, options.Propagation, false);
            script.Close(Target);
        }
        else if (input.Mounts.TryGetValue(index, out var opened))
        {
            script.EnsureInRoot(destination, opened.IsDirectory, ChildScript.TargetRegister);
            script.Attach(opened.Descriptor, Target);
            script.Close(Target);
            script.Close(opened.Descriptor);
        }
        else if (mount.Type == "cgroup" || mount.Type == "cgroup2")
        {
            AddCgroups(script, input, options, destination);
        }
        else
        {
            AddFileSystem(script, input, mount, options, destination);
        }
    }

    /// <summary>Whether /dev's read-only attribute has to wait until its nodes are made.</summary>
    public static bool IsLateReadOnly(RuntimeMount mount) =>
        InnerPath.Clean(mount.Destination) == "/dev" && mount.Type == "tmpfs" && MountOptions.Parse(mount.Options).ReadOnly;

    private static void AddFileSystem(ChildScript script, LaunchInput input, RuntimeMount mount, MountOptions options, string destination)
    {
        var type = mount.Type ?? throw GantryException.Of(ErrorKind.Invalid, $"mount of {mount.Destination} has neither a type nor the option \"bind\"");
        var set = IsLateReadOnly(mount) ? options.Set & ~MOUNT_ATTR_RDONLY : options.Set;
        var flags = new List<string>(options.SuperblockFlags);
        // Pseudo file systems are shared or new and empty: the mount's own attribute is enough, and says EBUSY less often.
        if (options.ReadOnly && type is not ("proc" or "sysfs" or "tmpfs" or "mqueue" or "devpts")) flags.Add("ro");
        var data = new List<string>(options.Data);
        if (input.Config.Linux?.MountLabel is { Length: > 0 } label && type is "tmpfs" or "devpts" or "mqueue") data.Add($"context={input.Config.Linux!.MountLabel}");
        script.NewFileSystem(type, mount.Source ?? type, flags, data, set & ~MOUNT_ATTR__ATIME | AtimeOf(options));
        script.EnsureInRoot(destination, directory: true, ChildScript.TargetRegister);
        if (options.CopyUp)
        {
            var slot = script.NewSlot();
            script.MoveToSlot(ChildScript.MountRegister, slot);
            script.Ask(new Assist.CopyUp(destination, slot));
            script.Attach(slot, Target);
            Finish(script, options, slot);
        }
        else
        {
            script.Attach(Mounted, Target);
            Finish(script, options, Mounted);
        }

        script.Close(Target);
    }

    /// <summary>A new procfs, detached, in the mount register.</summary>
    public static void NewProcesses(ChildScript script, RuntimeMount mount)
    {
        var options = MountOptions.Parse(mount.Options);
        script.NewFileSystem("proc", mount.Source ?? "proc", options.SuperblockFlags, options.Data, options.Set & ~MOUNT_ATTR__ATIME | AtimeOf(options));
    }

    private static void Finish(ChildScript script, MountOptions options, Argument mount)
    {
        if (options.Propagation != 0) script.SetAttributes(mount, 0, 0, options.Propagation, options.PropagationRecursive);
        if (options.RecursiveSet != 0 || options.RecursiveClear != 0) script.SetAttributes(mount, options.RecursiveSet, options.RecursiveClear, 0, true);
        script.Close(mount);
    }

    // fsmount takes one atime value; relatime is 0.
    private static ulong AtimeOf(MountOptions options) => options.Set & MOUNT_ATTR__ATIME;

    private static void AddCgroups(ChildScript script, LaunchInput input, MountOptions options, string destination)
    {
        if (input.Cgroups is [{ Name: "" } unified])
        {
            script.Call(SyscallNumbers.OpenTree, AT_FDCWD, script.Program.Text(unified.HostPath), (long)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)).Save(ChildScript.MountRegister);
            script.SetAttributes(Mounted, options.Set, options.ClearMask, MS_PRIVATE, false);
            script.EnsureInRoot(destination, directory: true, ChildScript.TargetRegister);
            script.Attach(Mounted, Target);
            script.Close(Mounted);
            script.Close(Target);
            return;
        }

        // Version 1: a tmpfs with a directory per hierarchy, as systemd lays them out on the host.
        var slot = script.NewSlot();
        script.NewFileSystem("tmpfs", "tmpfs", [], ["mode=755"], options.Set & ~(MOUNT_ATTR_RDONLY | MOUNT_ATTR__ATIME));
        script.MoveToSlot(ChildScript.MountRegister, slot);
        script.EnsureInRoot(destination, directory: true, ChildScript.TargetRegister);
        script.Attach(slot, Target);
        script.Close(Target);
        foreach (var view in input.Cgroups)
        {
            var name = script.Program.Text(view.Name);
            script.Call(SyscallNumbers.Mkdirat, slot, name, 0x1ED).Ignore(Errno.EEXIST);
            script.Call(SyscallNumbers.OpenTree, AT_FDCWD, script.Program.Text(view.HostPath), (long)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)).Save(ChildScript.MountRegister);
            script.SetAttributes(Mounted, options.Set, options.ClearMask, MS_PRIVATE, false);
            script.Call(SyscallNumbers.Openat, slot, name, O_PATH | O_CLOEXEC).Save(ChildScript.TargetRegister);
            script.Attach(Mounted, Target);
            script.Close(Mounted);
            script.Close(Target);
            foreach (var alias in view.Aliases) script.Call(SyscallNumbers.Symlinkat, name, slot, script.Program.Text(alias)).Ignore(Errno.EEXIST);
        }

        if (options.ReadOnly) script.SetAttributes(slot, MOUNT_ATTR_RDONLY, 0, 0, false);
        script.Close(slot);
    }

    private static string Subject(RuntimeMount mount) =>
        mount.Source is { Length: > 0 } source && source != mount.Type ? source : mount.Type ?? "";
}
