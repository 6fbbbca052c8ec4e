using Gantry.Kernel.Abi;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Pty;
using Gantry.Model;
using Gantry.Model.Oci;
using static Gantry.Kernel.Sys.OpenFlags;

namespace Gantry.Runtime.Init;

/// <summary>Compiles the terminal of a process: a pty of the container's own devpts, so that <c>tty</c> names it rightly inside.</summary>
internal static class TerminalCompiler
{
    private const uint TIOCSWINSZ = 0x5414;

    /// <summary>Opens a pty, passes its master side to the parent, and leaves the slave at the slot returned.</summary>
    /// <param name="script">The program so far; its root slot is the container's root.</param>
    /// <param name="process">Whose terminal it is.</param>
    /// <param name="hostTerminal">A slave that the parent opened; null: use the container's devpts.</param>
    public static int Open(ChildScript script, RuntimeProcess process, int? hostTerminal)
    {
        script.Step(LaunchStage.Rootfs, "open a terminal at /dev/pts/ptmx");
        var slave = hostTerminal ?? script.NewSlot();
        if (hostTerminal is null)
        {
            var master = script.NewSlot();
            script.OpenInRoot("/dev/pts/ptmx", O_RDWR | O_NOCTTY, ChildScript.TerminalRegister, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
            script.MoveToSlot(ChildScript.TerminalRegister, master);
            script.Call(SyscallNumbers.Ioctl, master, PseudoTerminals.TIOCSPTLCK, script.Program.Ints(0));
            // The slave comes from the master, not from a path: nothing in the container can stand in for it.
            script.Call(SyscallNumbers.Ioctl, master, PseudoTerminals.TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC).Save(ChildScript.TerminalRegister);
            script.MoveToSlot(ChildScript.TerminalRegister, slave);
            script.Pass(ChildMessageKind.Terminal, master);
            script.Close(master);
        }

        if (process.ConsoleSize is { } size)
            script.Call(SyscallNumbers.Ioctl, slave, TIOCSWINSZ, script.Program.Ints(size.Height | (size.Width << 16), 0));
        return slave;
    }

    /// <summary>Puts the terminal at /dev/console.</summary>
    public static void BindConsole(ChildScript script, int slave)
    {
        script.Step(LaunchStage.Rootfs, "bind the terminal at /dev/console");
        script.EnsureInRoot("/dev", directory: true, ChildScript.DirectoryRegister);
        var dev = Argument.Register(ChildScript.DirectoryRegister);
        var name = script.Program.Text("console");
        script.Call(SyscallNumbers.Mknodat, dev, name, Kernel.Sys.FileModes.S_IFREG | 0x180, 0).Ignore(Errno.EEXIST);
        script.OpenInRoot("/dev/console", O_PATH | O_NOFOLLOW, ChildScript.TargetRegister);
        script.CloneTree(slave, recursive: false);
        script.Attach(Argument.Register(ChildScript.MountRegister), Argument.Register(ChildScript.TargetRegister));
        script.Close(Argument.Register(ChildScript.MountRegister));
        script.Close(Argument.Register(ChildScript.TargetRegister));
    }
}
