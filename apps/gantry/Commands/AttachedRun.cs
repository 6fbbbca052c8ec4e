using Gantry.Cli.Terminal;
using Gantry.Client;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary>Starts a container with this process attached to it, and ends as it ends: for <c>run</c> and <c>start -a</c>.</summary>
internal sealed class AttachedRun(Invocation invocation, string container)
{
    public required bool Tty { get; init; }

    public required bool Stdin { get; init; }

    public required bool Stdout { get; init; }

    public required bool Stderr { get; init; }

    /// <summary>Whether the engine removes it when it ends: then its removal is waited for.</summary>
    public required bool AutoRemove { get; init; }

    public required bool ForwardSignals { get; init; }

    /// <summary>Starts it; returns its exit code.</summary>
    /// <remarks>Attached and waiting before the start, so that no output and no exit is missed however short it runs.</remarks>
    public int Start()
    {
        var containers = invocation.Client.Containers;
        var keys = ContainerCreation.DetachKeysOf(invocation);
        var detachKeys = DetachKeys.Parse(keys);
        using var signals = ForwardSignals ? SignalForwarder.Start(invocation.Client, container) : null;
        using var stream = containers.Attach(container, Stdin, Stdout, Stderr, keys);
        using var wait = containers.Wait(container, AutoRemove ? "removed" : "next-exit");
        try
        {
            containers.Start(container);
        }
        catch (GantryException)
        {
            stream.Abort();
            if (AutoRemove)
                AwaitRemoval(wait);
            invocation.Context.Advice = DeathHint.Fix(invocation, container);
            throw;
        }
        var session = new StreamSession(stream, invocation.Out, invocation.Error, detachKeys)
        {
            Tty = Tty,
            Stdin = Stdin,
            Stdout = Stdout,
            Stderr = Stderr,
            Resize = (rows, columns) => containers.Resize(container, rows, columns),
        };
        if (session.Run())
            return ExitCodes.Success;
        var result = wait.Result();
        if (result.Error?.Message is { Length: > 0 } message)
            throw GantryException.Of(ErrorKind.Internal, message);
        return (int)(result.StatusCode ?? 0);
    }

    private static void AwaitRemoval(ContainerWait wait)
    {
        try
        {
            wait.Result();
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            // Why it did not start is the message that counts.
        }
    }
}
