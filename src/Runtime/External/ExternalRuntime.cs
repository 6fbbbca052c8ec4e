using System.Buffers;
using System.Globalization;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Model.Mounts;
using Gantry.Model.Oci;

namespace Gantry.Runtime.External;

/// <summary>
/// One container made by another OCI runtime through its command line: <c>create</c>, <c>start</c>, <c>exec</c>,
/// <c>delete</c>. Its processes become this process's children, so that they are watched and reaped like our own.
/// </summary>
/// <remarks>
/// Source: the OCI runtime command line interface, as containerd and conmon use it. Everything blocks as long as the
/// program runs. What it keeps lies in the container's run-time directory and goes with it.
/// </remarks>
internal sealed class ExternalRuntime
{
    private const uint Mode = 0x180; // 0600

    private readonly RuntimeProgram _program;
    private readonly string _directory;
    private readonly string _id;
    private readonly Strays _strays;
    private readonly List<LaunchedProcess> _made = [];
    private bool _created;

    /// <param name="runtime">The program.</param>
    /// <param name="directory">The container's run-time directory, which is the bundle.</param>
    /// <param name="id">The container.</param>
    /// <param name="loop">Where what the runtime leaves behind is waited for.</param>
    public ExternalRuntime(MonitorRuntime runtime, string directory, string id, EpollLoop loop)
    {
        _strays = new Strays(loop);
        _program = new RuntimeProgram(runtime, directory);
        _directory = directory;
        _id = id;
    }

    /// <summary>Makes the container; its first process waits at the runtime's own gate until it is started.</summary>
    /// <param name="config">What to launch; goes into <c>config.json</c>.</param>
    /// <param name="rootfsMounts">The root filesystem, mounted here first: in a mount namespace that only this process has.</param>
    /// <param name="networkNamespace">The network namespace; null: as the configuration says.</param>
    /// <param name="stdio">The process's streams; unused when it has a terminal.</param>
    /// <exception cref="GantryException">With the launch failure, in the runtime's words.</exception>
    public LaunchedProcess Create(RuntimeConfig config, IReadOnlyList<RootfsMount> rootfsMounts, Fd? networkNamespace, StdioFds stdio)
    {
        ExternalBundle.MountRootfs(Path.Combine(_directory, config.Root?.Path ?? "rootfs"), rootfsMounts, config.Linux);
        var complete = ExternalBundle.Complete(ExternalBundle.AttachParts(config, _directory), networkNamespace);
        Write("config.json", to => RuntimeConfigWriter.Write(to, complete));
        _created = true;
        return Launch("create", ["--bundle", _directory], config.Process!.Terminal, stdio, start: () => Run("start", [], StdioFds.Inherit));
    }

    /// <summary>Runs a further process.</summary>
    /// <exception cref="GantryException">With the launch failure, in the runtime's words.</exception>
    public LaunchedProcess Exec(RuntimeProcess process, StdioFds stdio)
    {
        Write("process.json", to => RuntimeConfigWriter.Write(to, process));
        return Launch("exec", ["--detach", "--process", Path.Combine(_directory, "process.json")], process.Terminal, stdio, start: null);
    }

    /// <summary>Forgets the container, and ends what is left of it.</summary>
    public void Delete()
    {
        if (!_created)
            return;
        _created = false;
        try
        {
            Run("delete", ["--force"], StdioFds.Inherit);
        }
        finally
        {
            _strays.Reap();
        }
    }

    /// <summary>
    /// Runs a command of the runtime. Orphans of its helpers become this process's children meanwhile: the container's first
    /// process, those of execs, and what a command that failed has left, which is nobody's.
    /// </summary>
    /// <remarks>NOTE: not longer than that: in a container that shares the host's processes, orphans are the host's to reap.</remarks>
    private void Run(string command, IReadOnlyList<string> options, StdioFds stdio)
    {
        Processes.SetChildSubreaper(true);
        try
        {
            _program.Run(command, options, _id, stdio);
        }
        catch
        {
            Collect();
            throw;
        }
        finally
        {
            Processes.SetChildSubreaper(false);
        }
    }

    private void Collect()
    {
        _made.RemoveAll(process => process.PidFd.IsClosed);
        _strays.Watch(process => !_made.Exists(made => made.Pid == process));
    }

    private LaunchedProcess Launch(string command, IReadOnlyList<string> options, bool terminal, StdioFds stdio, Action? start)
    {
        var pidFile = Path.Combine(_directory, "process.pid");
        _ = Files.TryUnlinkAt(null, pidFile);
        using var console = terminal ? new ConsoleListener(_directory) : null;
        List<string> all = [.. options, "--pid-file", pidFile];
        if (console is not null)
            all.AddRange(["--console-socket", console.Path]);
        Run(command, all, terminal ? StdioFds.Inherit : stdio);
        var pid = int.Parse(Files.ReadAll(pidFile), NumberStyles.Integer, CultureInfo.InvariantCulture);
        // Not reaped, so it is there, if only as a zombie.
        var process = Processes.FindPidFd(pid) ?? throw GantryException.Of(ErrorKind.Internal, $"{_program.Name} {command} named process {pid}, which is not there");
        var made = new LaunchedProcess(pid, process, console?.Take(), start);
        _made.Add(made);
        Collect();
        return made;
    }

    private void Write(string name, Action<IBufferWriter<byte>> write)
    {
        var content = new ArrayBufferWriter<byte>(16384);
        write(content);
        using var file = Files.Open(Path.Combine(_directory, name), OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, Mode);
        Files.WriteAll(file, content.WrittenSpan);
    }
}
