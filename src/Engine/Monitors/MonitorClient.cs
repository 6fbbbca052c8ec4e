using Gantry.Kernel.Fds;
using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Monitors;

/// <summary>The engine's end of one monitor. Safe to call from several threads.</summary>
/// <remarks>Disposing only disconnects: the container goes on. <see cref="CloseAsync"/> ends the monitor.</remarks>
public sealed class MonitorClient : IAsyncDisposable
{
    public ContainerId ContainerId { get; private init; }

    /// <summary>The monitor process.</summary>
    public int MonitorPid { get; private init; }

    /// <summary>What the monitor's container is doing.</summary>
    public Task<MonitorState> GetStateAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Sets the container up; its first process waits at its gate.</summary>
    /// <param name="request">What to launch.</param>
    /// <param name="heldFds">Descriptors that the monitor keeps open as long as it lives: the network namespace, sockets that reserve ports. The caller keeps its own copies.</param>
    /// <returns>The first process, as the host counts.</returns>
    /// <exception cref="GantryException">With the launch failure; nothing is left behind, and the monitor is good only for closing.</exception>
    public Task<int> CreateAsync(MonitorCreateRequest request, IReadOnlyList<Fd> heldFds, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Lets the first process go.</summary>
    /// <returns>When it did.</returns>
    /// <exception cref="GantryException">The command cannot be executed: the launch failure says why. Nothing is left behind.</exception>
    public Task<DateTimeOffset> StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Sends a signal to the first process.</summary>
    public Task KillAsync(int signal, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Kills every process of the container.</summary>
    public Task KillAllAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PauseAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ResumeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Sets the size of the terminal of the container, or of an exec.</summary>
    public Task ResizeAsync(string? execId, int height, int width, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Runs a further process; <paramref name="stream"/> misses none of its output.</summary>
    /// <returns>Its pid, as the host counts.</returns>
    public Task<int> ExecAsync(MonitorExecRequest request, MonitorStream? stream, MonitorAttachRequest? attach, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Connects a client's stream. Before the start it misses nothing; after the end it is at its end.</summary>
    public Task AttachAsync(MonitorAttachRequest request, MonitorStream stream, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The container's end. Also when the monitor itself was killed: what it left is then killed and cleaned up first, and the exit code is 137.</summary>
    public Task<ContainerExit> WaitAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>An exec's exit code.</summary>
    public Task<int> WaitExecAsync(string execId, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Ends the monitor: kills what still runs, removes the control group and the socket. <c>exit.json</c> stays.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
