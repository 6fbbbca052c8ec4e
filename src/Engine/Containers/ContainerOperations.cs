using Gantry.Engine.Logs;
using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>Everything a client can do with containers. Names are names, ids or unique prefixes of ids.</summary>
/// <remarks>Each operation is a class of its own in this folder; this is their door.</remarks>
public sealed class ContainerOperations
{
    public Task<ContainerCreateResponse> CreateAsync(ContainerCreateSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ContainerSummary>> ListAsync(ContainerListQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ContainerInspectResponse> InspectAsync(string container, bool size, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <exception cref="Model.GantryException">NotModified: it runs already.</exception>
    public Task StartAsync(string container, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <exception cref="Model.GantryException">NotModified: it does not run.</exception>
    public Task StopAsync(string container, StopRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RestartAsync(string container, StopRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <param name="signal">By name or number; null or empty: SIGKILL.</param>
    public Task KillAsync(string container, string? signal, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PauseAsync(string container, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task UnpauseAsync(string container, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Begins to wait; it has begun when this returns, so that the client can be told.</summary>
    public Task<ContainerWait> WaitAsync(string container, WaitCondition condition, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<AttachedStream> AttachAsync(string container, AttachRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Opens the log; a following one ends with the container.</summary>
    public Task<ContainerLogs> LogsAsync(string container, LogQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ResizeAsync(string container, int height, int width, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RenameAsync(string container, string newName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveAsync(string container, RemoveRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
}
