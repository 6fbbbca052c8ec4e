using Gantry.Kernel.Fds;

namespace Gantry.Runtime;

/// <summary>A process made by <see cref="ContainerLauncher"/> or <see cref="ExecLauncher"/>. Disposing closes descriptors; it kills nothing.</summary>
public sealed class LaunchedProcess : IDisposable
{
    internal LaunchedProcess(int pid, Fd pidFd)
    {
        Pid = pid;
        PidFd = pidFd;
    }

    /// <summary>The process id in the caller's pid namespace.</summary>
    public int Pid { get; }

    /// <summary>Readable when the process has ended. Reap with <see cref="Kernel.Sys.Processes.Wait"/> (the process has no exit signal: plain waits overlook it).</summary>
    public Fd PidFd { get; }

    /// <summary>The master side of the process' terminal; null without one. The caller may take it: it is not disposed with this object.</summary>
    public Fd? Terminal { get; internal set; }

    /// <summary>Opens the gate: init becomes the container's program. Returns when execve has succeeded.</summary>
    /// <exception cref="Model.GantryException">
    /// With <see cref="Model.LaunchFailure"/> Exec and errno, in Docker's words (<c>exec: "x": executable file not found in $PATH</c>).
    /// </exception>
    public void Start() => throw Model.GantryException.Of(Model.ErrorKind.NotSupported, $"launching pid {Pid} is not here yet");

    /// <inheritdoc/>
    public void Dispose() => PidFd.Dispose();
}
