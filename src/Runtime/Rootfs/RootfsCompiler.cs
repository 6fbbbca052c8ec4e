using Gantry.Kernel.Abi;
using Gantry.Kernel.Launch;
using Gantry.Model;
using Gantry.Model.Mounts;
using Gantry.Runtime.Init;
using static Gantry.Kernel.Sys.MountFlags;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Runtime.Rootfs;

/// <summary>Compiles everything between "a copy of the host's mounts" and "the container's root is /".</summary>
internal static class RootfsCompiler
{
    private static readonly Argument Mounted = Argument.Register(ChildScript.MountRegister);
    private static readonly Argument Target = Argument.Register(ChildScript.TargetRegister);
    private static readonly Argument Null = Argument.Register(ChildScript.NullRegister);

    /// <summary>Makes the root filesystem's mount; its directory is then at the script's root slot, and the parent has it too.</summary>
    public static void OpenRoot(ChildScript script, LaunchInput input)
    {
        var program = script.Program;
        script.Step(LaunchStage.Rootfs, "change the propagation of /");
        var wanted = MountOptions.PropagationOf(input.Config.Linux?.RootfsPropagation ?? "");
        script.Call(SyscallNumbers.Mount, 0, program.Text("/"), 0, (wanted == 0 ? MS_SLAVE : wanted) | MS_REC, 0);
        if (input.ParentMount is { } parent) script.Call(SyscallNumbers.Mount, 0, program.Text(parent), 0, MS_PRIVATE, 0);
        script.Step(LaunchStage.Rootfs, "open /dev/null");
        script.Call(SyscallNumbers.Openat, AT_FDCWD, program.Text("/dev/null"), O_PATH | O_NOFOLLOW | O_CLOEXEC).Save(ChildScript.NullRegister);

        script.Step(LaunchStage.Rootfs, $"mount the root filesystem at {input.RootfsPath}");
        if (input.RootfsTree is { } tree)
        {
            script.Call(SyscallNumbers.Openat, AT_FDCWD, program.Text(input.RootfsPath), O_PATH | O_DIRECTORY | O_CLOEXEC).Save(ChildScript.TargetRegister);
            script.Attach(tree, Target);
            script.Close(Target);
            script.Call(SyscallNumbers.Dup3, tree, script.RootSlot, O_CLOEXEC);
        }
        else if (input.RootfsMounts.Count > 0)
        {
            foreach (var mount in input.RootfsMounts) AddRootfsMount(script, input, mount);
            script.Call(SyscallNumbers.Openat, AT_FDCWD, program.Text(input.RootfsPath), O_PATH | O_DIRECTORY | O_CLOEXEC).Save(ChildScript.MountRegister);
            script.MoveToSlot(ChildScript.MountRegister, script.RootSlot);
        }
        else
        {
            // pivot_root wants a mount: a bind of the directory on itself.
            script.Call(SyscallNumbers.OpenTree, AT_FDCWD, program.Text(input.RootfsPath), (long)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)).Save(ChildScript.MountRegister);
            script.Call(SyscallNumbers.Openat, AT_FDCWD, program.Text(input.RootfsPath), O_PATH | O_DIRECTORY | O_CLOEXEC).Save(ChildScript.TargetRegister);
            script.Attach(Mounted, Target);
            script.Close(Target);
            script.MoveToSlot(ChildScript.MountRegister, script.RootSlot);
        }

        script.Pass(ChildMessageKind.Root, script.RootSlot);
    }

    /// <summary>The config's mounts, then devices and links.</summary>
    public static void Fill(ChildScript script, LaunchInput input)
    {
        for (var i = 0; i < input.Config.Mounts.Count; i++) MountCompiler.Add(script, input, i);
        var ownDev = input.Config.Mounts.Any(m => InnerPath.Clean(m.Destination) == "/dev" && (m.Type == "bind" || MountOptions.Parse(m.Options).Bind));
        if (ownDev) return;
        AddDevices(script, input);
        AddLinks(script, input.HasKernelCore);
    }

    /// <summary>Hides and protects paths, and makes what is read-only so.</summary>
    public static void Protect(ChildScript script, LaunchInput input)
    {
        foreach (var path in input.Config.Linux?.ReadonlyPaths ?? []) MakeReadOnly(script, path);
        foreach (var path in input.Config.Linux?.MaskedPaths ?? []) Mask(script, path);
        foreach (var mount in input.Config.Mounts.Where(MountCompiler.IsLateReadOnly))
        {
            script.Step(LaunchStage.Rootfs, $"make {mount.Destination} read-only");
            script.OpenInRoot(InnerPath.Clean(mount.Destination), O_PATH, ChildScript.TargetRegister);
            script.SetAttributes(Target, MOUNT_ATTR_RDONLY, 0, 0, false);
            script.Close(Target);
        }

        if (input.Config.Root is not { Readonly: true }) return;
        script.Step(LaunchStage.Rootfs, "make the root filesystem read-only");
        script.SetAttributes(script.RootSlot, MOUNT_ATTR_RDONLY, 0, 0, false);
    }

    /// <summary>Makes the root filesystem / and lets go of the host's mounts.</summary>
    public static void Pivot(ChildScript script, LaunchInput input)
    {
        var program = script.Program;
        var dot = program.Text(".");
        if (input.NoPivot)
        {
            script.Step(LaunchStage.Rootfs, "move the root filesystem to /");
            script.Call(SyscallNumbers.Fchdir, script.RootSlot);
            script.Call(SyscallNumbers.Mount, dot, program.Text("/"), 0, MS_MOVE, 0);
            script.Call(SyscallNumbers.Chroot, dot);
        }
        else
        {
            script.Step(LaunchStage.Rootfs, "pivot_root");
            script.Call(SyscallNumbers.Openat, AT_FDCWD, program.Text("/"), O_PATH | O_DIRECTORY | O_CLOEXEC).Save(ChildScript.ScratchRegister);
            script.Call(SyscallNumbers.Fchdir, script.RootSlot);
            script.Call(SyscallNumbers.PivotRoot, dot, dot);
            script.Call(SyscallNumbers.Fchdir, Argument.Register(ChildScript.ScratchRegister));
            // Slave, so that unmounting the host's tree here unmounts nothing there.
            script.Call(SyscallNumbers.Mount, 0, dot, 0, MS_SLAVE | MS_REC, 0);
            script.Call(SyscallNumbers.Umount2, dot, MNT_DETACH);
            script.Close(Argument.Register(ChildScript.ScratchRegister));
        }

        script.Close(Null);
        script.Call(SyscallNumbers.Chdir, program.Text("/"));
        var wanted = MountOptions.PropagationOf(input.Config.Linux?.RootfsPropagation ?? "");
        if (wanted == 0) return;
        script.Step(LaunchStage.Rootfs, "set the root's propagation");
        var recursive = input.Config.Linux!.RootfsPropagation![0] == 'r';
        script.Call(SyscallNumbers.Mount, 0, program.Text("/"), 0, wanted | (recursive ? MS_REC : 0), 0);
    }

    private static void AddRootfsMount(ChildScript script, LaunchInput input, RootfsMount mount)
    {
        var program = script.Program;
        var options = MountOptions.Parse(mount.Options);
        var path = program.Text(input.RootfsPath);
        if (mount.WorkingDirectory is { } directory) script.Call(SyscallNumbers.Chdir, program.Text(directory));
        if (mount.Type == "bind" || options.Bind)
        {
            script.Call(SyscallNumbers.Mount, program.Text(mount.Source), path, 0, MS_BIND | MS_REC, 0);
            script.Call(SyscallNumbers.Openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC).Save(ChildScript.TargetRegister);
            if (options.Set != 0) script.SetAttributes(Target, options.Set, options.ClearMask, 0, false);
            script.Close(Target);
            return;
        }

        var data = string.Join(',', options.SuperblockFlags.Concat(options.Data));
        script.Call(SyscallNumbers.Mount, program.Text(mount.Source), path, program.Text(mount.Type), options.ToMountFlags(), program.Text(data));
    }

    private static void AddDevices(ChildScript script, LaunchInput input)
    {
        string? open = null;
        foreach (var device in DefaultDevices.With(input.Config.Linux?.Devices))
        {
            var path = InnerPath.Clean(device.Path);
            var (directory, name) = InnerPath.Split(path);
            script.Step(LaunchStage.Rootfs, $"make device {device.Path}");
            if (open != directory) script.EnsureInRoot(directory, directory: true, ChildScript.DirectoryRegister);
            open = directory;
            var parent = Argument.Register(ChildScript.DirectoryRegister);
            if (input.DeviceMounts.TryGetValue(device.Path, out var tree))
            {
                script.Call(SyscallNumbers.Mknodat, parent, script.Program.Text(name), Kernel.Sys.FileModes.S_IFREG | 0x1B6, 0).Ignore(Errno.EEXIST);
                script.OpenInRoot(path, O_PATH | O_NOFOLLOW, ChildScript.TargetRegister);
                script.Attach(tree, Target);
                script.Close(Target);
                script.Close(tree);
                continue;
            }

            var type = device.Type switch
            {
                "c" or "u" => Kernel.Sys.FileModes.S_IFCHR,
                "b" => Kernel.Sys.FileModes.S_IFBLK,
                "p" => Kernel.Sys.FileModes.S_IFIFO,
                _ => throw GantryException.Of(ErrorKind.Invalid, $"device {device.Path} has type \"{device.Type}\": use c, b, u or p"),
            };
            var made = script.Call(SyscallNumbers.Mknodat, parent, script.Program.Text(name), type | (device.FileMode ?? 0x1B6) & 0xFFF, DeviceNumber(device.Major, device.Minor)).Ignore(Errno.EEXIST);
            if ((device.Uid ?? 0) != 0 || (device.Gid ?? 0) != 0)
                script.Call(SyscallNumbers.Fchownat, parent, script.Program.Text(name), device.Uid ?? 0, device.Gid ?? 0, AT_SYMLINK_NOFOLLOW);
            made.OnIgnoredGoHere();
        }
    }

    private static void AddLinks(ChildScript script, bool hasKernelCore)
    {
        script.Step(LaunchStage.Rootfs, "make the links in /dev");
        script.EnsureInRoot("/dev", directory: true, ChildScript.DirectoryRegister);
        var dev = Argument.Register(ChildScript.DirectoryRegister);
        foreach (var (name, target) in DefaultDevices.Links.Where(link => hasKernelCore || link.Name != "core"))
            script.Call(SyscallNumbers.Symlinkat, script.Program.Text(target), dev, script.Program.Text(name)).Ignore(Errno.EEXIST);
        script.Call(SyscallNumbers.Unlinkat, dev, script.Program.Text("ptmx"), 0).Ignore(Errno.ENOENT, Errno.EBUSY);
        script.Call(SyscallNumbers.Symlinkat, script.Program.Text("pts/ptmx"), dev, script.Program.Text("ptmx")).Ignore(Errno.EEXIST);
    }

    private static void MakeReadOnly(ChildScript script, string path)
    {
        script.Step(LaunchStage.Rootfs, $"make {path} read-only");
        var open = script.OpenInRoot(InnerPath.Clean(path), O_PATH, ChildScript.TargetRegister).Ignore(Errno.ENOENT);
        script.CloneTree(Target, recursive: true);
        script.SetAttributes(Mounted, MOUNT_ATTR_RDONLY, 0, 0, true);
        script.Attach(Mounted, Target);
        script.Close(Mounted);
        script.Close(Target);
        open.OnIgnoredGoHere();
    }

    // NOTE: what covers a masked file is the host's /dev/null, opened before any of the image's paths was looked at: a
    // container's own /dev/null can be a link to anything (CVE-2025-31133).
    private static void Mask(ChildScript script, string path)
    {
        script.Step(LaunchStage.Rootfs, $"mask {path}");
        var open = script.OpenInRoot(InnerPath.Clean(path), O_PATH, ChildScript.TargetRegister).Ignore(Errno.ENOENT, Errno.ENOTDIR);
        script.CloneTree(Null, recursive: false);
        script.SetAttributes(Mounted, 0, 0, MS_PRIVATE, false);
        var covered = script.Attach(Mounted, Target).Ignore(Errno.EINVAL, Errno.ENOTDIR); // A directory: cannot be covered by a file.
        script.Close(Mounted);
        script.NewFileSystem("tmpfs", "tmpfs", [], ["size=0k"], MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
        script.Attach(Mounted, Target);
        covered.OnSuccessGoHere();
        script.Close(Mounted);
        script.Close(Target);
        open.OnIgnoredGoHere();
    }

    private static long DeviceNumber(long major, long minor) => (minor & 0xff) | (major << 8) | ((minor & ~0xffL) << 12);
}
