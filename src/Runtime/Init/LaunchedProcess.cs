using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Runtime.Init;

namespace Gantry.Runtime;

/// <summary>
/// A process made by <see cref="ContainerLauncher"/> or <see cref="ExecLauncher"/>. Disposing closes descriptors; an init that
/// waits at its gate for <see cref="Start"/> then ends, a running process does not notice.
/// </summary>
public sealed class LaunchedProcess : IDisposable
{
    private readonly LaunchConversation? _conversation;
    private readonly Action? _start;

    internal LaunchedProcess(int pid, Fd pidFd, LaunchConversation? conversation)
    {
        Pid = pid;
        PidFd = pidFd;
        _conversation = conversation;
        Terminal = conversation?.TakeTerminal();
    }

    /// <summary>A process that another runtime has made.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="pidFd">The same; owned from here on.</param>
    /// <param name="terminal">Its terminal's master side; null without one.</param>
    /// <param name="start">Opens its gate; null: it runs already.</param>
    internal LaunchedProcess(int pid, Fd pidFd, Fd? terminal, Action? start)
    {
        Pid = pid;
        PidFd = pidFd;
        Terminal = terminal;
        _start = start;
    }

    /// <summary>The process id in the caller's pid namespace.</summary>
    public int Pid { get; }

    /// <summary>Readable when the process has ended. Reap with <see cref="Processes.Wait"/> (the process has no exit signal: plain waits overlook it).</summary>
    public Fd PidFd { get; }

    /// <summary>The master side of the process' terminal; null without one. The caller's to dispose.</summary>
    public Fd? Terminal { get; }

    /// <summary>Opens the gate: init becomes the container's program. Returns when execve has succeeded.</summary>
    /// <exception cref="GantryException">
    /// With <see cref="LaunchFailure"/> Exec and errno, in Docker's words (<c>exec: "x": executable file not found in $PATH</c>).
    /// The process has ended and is reaped then.
    /// </exception>
    public void Start()
    {
        if (_start is not null)
        {
            _start();
            return;
        }
        if (_conversation is null) throw GantryException.Of(ErrorKind.Conflict, $"process {Pid} waits at a FIFO, not for this object");
        _conversation.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _conversation?.Dispose();
        PidFd.Dispose();
    }
}
