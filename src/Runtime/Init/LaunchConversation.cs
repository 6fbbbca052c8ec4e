using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Pty;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Init;

/// <summary>The parent's side of a launch after the fork: answers what the child asks, until it is ready, has exec'ed, or has failed.</summary>
internal sealed class LaunchConversation : IDisposable
{
    private readonly SyncChannel _channel;
    private readonly ForkedChild _child;
    private readonly ChildScript _script;
    private readonly RuntimeProcess _process;
    private readonly Argument? _home;
    private Fd? _root;
    private Fd? _terminal;
    private bool _executing;

    public LaunchConversation(SyncChannel channel, ForkedChild child, ChildScript script, RuntimeProcess process, Argument? home)
    {
        _channel = channel;
        _child = child;
        _script = script;
        _process = process;
        _home = home;
    }

    /// <summary>The container's root, once the child has passed it.</summary>
    public Fd? Root => _root;

    /// <summary>Gives the terminal's master side away.</summary>
    public Fd? TakeTerminal()
    {
        var terminal = _terminal;
        _terminal = null;
        return terminal;
    }

    /// <summary>Sets the terminal of a host pty, or the root of a container that the child only joins.</summary>
    public void Provide(Fd? terminal, Fd? root)
    {
        _terminal = terminal;
        _root = root;
    }

    /// <summary>Talks until init waits at its gate.</summary>
    /// <param name="assist">Does what the child asks for.</param>
    /// <exception cref="GantryException">The child failed; it is reaped.</exception>
    public void UntilReady(Action<Assist> assist) => Talk(assist, ChildMessageKind.Ready);

    /// <summary>Talks until execve has closed the channel.</summary>
    /// <exception cref="GantryException">The child failed; it is reaped.</exception>
    public void UntilExecuted(Action<Assist> assist) => Talk(assist, ChildMessageKind.End);

    /// <summary>Opens the gate.</summary>
    public void Release()
    {
        // A child that is gone says so by the channel's end.
        _channel.Answer();
        Talk(_ => throw GantryException.Of(ErrorKind.Internal, "the container's init asks for something after its gate"), ChildMessageKind.End);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _child.Dispose();
        _root?.Dispose();
        _terminal?.Dispose();
    }

    private void Talk(Action<Assist> assist, ChildMessageKind until)
    {
        while (true)
        {
            var message = _channel.Receive(out var passed);
            switch (message.Kind)
            {
                case ChildMessageKind.Ask when message.Value >= 0 && message.Value < _script.Assists.Count:
                    Assist(assist, _script.Assists[message.Value]);
                    break;
                case ChildMessageKind.Root:
                    _root = passed;
                    if (_home is { } home && passed is not null) _child.Write(home, Encoding.UTF8.GetBytes($"HOME={HomeDirectory.Find(passed, _process.User.Uid)}\0"));
                    break;
                case ChildMessageKind.Terminal:
                    _terminal = passed;
                    if (passed is null || !PseudoTerminals.IsMaster(passed)) throw Abandon(GantryException.Of(ErrorKind.Invalid, "/dev/pts/ptmx of the container is not a pseudo-terminal", new LaunchFailure(LaunchStage.Rootfs, Kernel.Abi.Errno.ENOTTY)));
                    break;
                case ChildMessageKind.Ready when until == ChildMessageKind.Ready:
                    return;
                case ChildMessageKind.Executing:
                    _executing = true;
                    break;
                case ChildMessageKind.Failed when message.Value >= 0 && message.Value < _script.Program.Steps.Count:
                    throw Abandon(LaunchErrors.Of(_script.Program.Steps[message.Value], message.Errno, _process, _root));
                case ChildMessageKind.End when _executing && until == ChildMessageKind.End:
                    return;
                case ChildMessageKind.End:
                    throw Died();
            }
        }
    }

    private void Assist(Action<Assist> assist, Assist wanted)
    {
        try
        {
            assist(wanted);
        }
        catch (GantryException e)
        {
            throw Abandon(e);
        }
        catch (SyscallException e)
        {
            var what = wanted is Assist.MakePath path ? $"make {path.Path} in the container" : "set up the container";
            throw Abandon(LaunchErrors.Of(LaunchStage.Rootfs, what, e));
        }

        _channel.Answer();
    }

    private GantryException Died()
    {
        _ = Processes.TrySignal(_child.PidFd, Processes.SIGKILL);
        return LaunchErrors.Died(_executing ? LaunchStage.Exec : LaunchStage.Namespaces, Processes.Wait(_child.PidFd));
    }

    // Kill before waiting: a child that asked, or that failed while its report was on the way, may still be there.
    private GantryException Abandon(GantryException error)
    {
        _ = Processes.TrySignal(_child.PidFd, Processes.SIGKILL);
        _ = Processes.TryWait(_child.PidFd, block: true, out _);
        return error;
    }
}
