using System.Runtime.InteropServices;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Sys;
using Gantry.Model;
using static Gantry.Kernel.Sys.MountFlags;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Runtime.Init;

/// <summary>
/// A child's program under construction: the vocabulary that the compilers of namespaces, root filesystem and process share.
/// Pure; descriptors appear as numbers.
/// </summary>
internal sealed class ChildScript
{
    /// <summary>Registers, by use. A later step overwrites an earlier one's.</summary>
    public const int TargetRegister = 0;
    public const int MountRegister = 1;
    public const int DirectoryRegister = 2;
    public const int ScratchRegister = 3;
    public const int WorkingDirectoryRegister = 4;
    public const int TerminalRegister = 5;
    public const int NullRegister = 6;

    private const ulong InRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    private readonly SortedSet<int> _kept;
    private int _nextSlot;

    /// <param name="sync">The child's end of the channel.</param>
    /// <param name="kept">Every other descriptor that the child needs.</param>
    public ChildScript(int sync, IEnumerable<int> kept)
    {
        Sync = sync;
        _kept = [0, 1, 2, sync, .. kept];
        _nextSlot = _kept.Max + 1;
        RootSlot = NewSlot();
    }

    public SyscallProgram Program { get; } = new();

    /// <summary>What the child may ask, by the number it asks with.</summary>
    public List<Assist> Assists { get; } = [];

    public int Sync { get; }

    /// <summary>The descriptor that will be the container's root directory.</summary>
    public int RootSlot { get; }

    /// <summary>An address as an argument: the empty path.</summary>
    public Argument Empty => Program.Text("");

    public void Step(LaunchStage stage, string what) => Program.Step(stage, what);

    public Operation Call(int number, Argument a = default, Argument b = default, Argument c = default, Argument d = default, Argument e = default, Argument f = default) =>
        Program.Call(number, a, b, c, d, e, f);

    /// <summary>A descriptor number that is free in the child and known beforehand.</summary>
    public int NewSlot() => _nextSlot++;

    /// <summary>Closes what the child inherited and does not need: a child that waits at its gate would hold other people's pipes open.</summary>
    public void CloseStrangers()
    {
        Step(LaunchStage.Namespaces, "close inherited descriptors");
        var next = 0;
        foreach (var descriptor in _kept)
        {
            if (descriptor > next) Call(SyscallNumbers.CloseRange, next, descriptor - 1);
            next = descriptor + 1;
        }

        Call(SyscallNumbers.CloseRange, next, uint.MaxValue);
    }

    /// <summary>Opens a path below the root.</summary>
    public Operation OpenInRoot(string path, int flags, int register, ulong resolve = InRoot) =>
        Call(SyscallNumbers.Openat2, RootSlot, Program.Text(path), Program.Longs((uint)(flags | O_CLOEXEC), 0, resolve), 24).Save(register);

    /// <summary>
    /// Opens a path below the root with O_PATH. A missing last name the child makes itself; for anything harder (missing
    /// directories, dangling links) it asks the parent.
    /// </summary>
    public void EnsureInRoot(string path, bool directory, int register)
    {
        var open = OpenInRoot(path, O_PATH, register).Ignore(Errno.ENOENT);
        var (parent, name) = Rootfs.InnerPath.Split(Rootfs.InnerPath.Clean(path));
        var above = OpenInRoot(parent, O_PATH | O_DIRECTORY, ScratchRegister).Ignore(Errno.ENOENT, Errno.ENOTDIR);
        if (directory) Call(SyscallNumbers.Mkdirat, Argument.Register(ScratchRegister), Program.Text(name), 0x1ED).IgnoreAll();
        else Call(SyscallNumbers.Mknodat, Argument.Register(ScratchRegister), Program.Text(name), FileModes.S_IFREG | 0x1A4, 0).IgnoreAll();
        Close(Argument.Register(ScratchRegister));
        var made = OpenInRoot(path, O_PATH, register).Ignore(Errno.ENOENT);
        above.OnIgnoredGoHere();
        Ask(new Assist.MakePath(path, directory));
        OpenInRoot(path, O_PATH, register);
        open.OnSuccessGoHere();
        made.OnSuccessGoHere();
    }

    /// <summary>Tells the parent something and waits until it answers.</summary>
    public void Ask(Assist assist)
    {
        Assists.Add(assist);
        Say(ChildMessageKind.Ask, Assists.Count - 1);
        Call(SyscallNumbers.Read, Sync, Program.Reserve(8), 1).AtLeast(1);
    }

    /// <summary>Tells the parent something.</summary>
    public void Say(ChildMessageKind kind, int value = 0) =>
        Call(SyscallNumbers.Write, Sync, Program.Ints((uint)kind, (uint)value, 0, 0), ChildMessage.SizeBytes);

    /// <summary>Tells the parent something and passes a descriptor.</summary>
    public void Pass(ChildMessageKind kind, int descriptor)
    {
        var vector = Program.Longs(0, ChildMessage.SizeBytes);
        Program.PointTo(vector, 0, Program.Ints((uint)kind, 0, 0, 0));
        var control = Program.Ints(20, 0, 1, 1, (uint)descriptor, 0); // cmsghdr: length, SOL_SOCKET, SCM_RIGHTS
        var header = Program.Longs(0, 0, 0, 1, 0, 24, 0); // msghdr
        Program.PointTo(header, 16, vector);
        Program.PointTo(header, 32, control);
        Call(SyscallNumbers.Sendmsg, Sync, header);
    }

    /// <summary>Moves a result to a descriptor number known beforehand, closing the old one.</summary>
    public void MoveToSlot(int register, int slot)
    {
        Call(SyscallNumbers.Dup3, Argument.Register(register), slot, O_CLOEXEC);
        Call(SyscallNumbers.Close, Argument.Register(register));
    }

    /// <summary>A detached copy of the mount at a descriptor (a number or a register).</summary>
    public Operation CloneTree(Argument descriptor, bool recursive) =>
        Call(SyscallNumbers.OpenTree, descriptor, Empty, (long)(OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0))).Save(MountRegister);

    /// <summary>Attaches a detached mount.</summary>
    public Operation Attach(Argument mount, Argument target) =>
        Call(SyscallNumbers.MoveMount, mount, Empty, target, Empty, (long)(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));

    /// <summary>Changes the attributes of a mount.</summary>
    public Operation SetAttributes(Argument mount, ulong set, ulong clear, ulong propagation, bool recursive) =>
        Call(SyscallNumbers.MountSetattr, mount, Empty, AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), Program.Longs(set, clear, propagation, 0), 32);

    public void Close(Argument descriptor) => Call(SyscallNumbers.Close, descriptor);

    /// <summary>A new file system, detached, in <see cref="MountRegister"/>.</summary>
    public void NewFileSystem(string type, string? source, IEnumerable<string> flags, IEnumerable<string> data, ulong attributes)
    {
        var context = Argument.Register(ScratchRegister);
        Call(SyscallNumbers.Fsopen, Program.Text(type), FSOPEN_CLOEXEC).Save(ScratchRegister);
        if (!string.IsNullOrEmpty(source)) Call(SyscallNumbers.Fsconfig, context, FSCONFIG_SET_STRING, Program.Text("source"), Program.Text(source));
        foreach (var flag in flags) Call(SyscallNumbers.Fsconfig, context, FSCONFIG_SET_FLAG, Program.Text(flag));
        foreach (var option in data)
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) Call(SyscallNumbers.Fsconfig, context, FSCONFIG_SET_FLAG, Program.Text(option));
            else Call(SyscallNumbers.Fsconfig, context, FSCONFIG_SET_STRING, Program.Text(option[..equals]), Program.Text(option[(equals + 1)..]));
        }

        Call(SyscallNumbers.Fsconfig, context, FSCONFIG_CMD_CREATE);
        Call(SyscallNumbers.Fsmount, context, FSMOUNT_CLOEXEC, attributes).Save(MountRegister);
        Close(context);
    }

    /// <summary>Writes a value to a file of the host's procfs that speaks of the writer itself.</summary>
    public void WriteHostFile(string path, string value)
    {
        Call(SyscallNumbers.Openat, AT_FDCWD, Program.Text(path), O_WRONLY | O_CLOEXEC).Save(ScratchRegister);
        var bytes = System.Text.Encoding.UTF8.GetBytes(value);
        Call(SyscallNumbers.Write, Argument.Register(ScratchRegister), Program.Bytes(bytes), bytes.Length);
        Close(Argument.Register(ScratchRegister));
    }

    /// <summary>Bytes of an unmanaged structure.</summary>
    public Argument Struct<T>(T value)
        where T : unmanaged => Program.Bytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
