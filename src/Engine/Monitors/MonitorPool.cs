using Gantry.Model;
using Gantry.Model.Monitor;

namespace Gantry.Engine.Monitors;

/// <summary>Starts monitors, keeps a few warm, and finds those of an earlier engine again.</summary>
/// <remarks>Disposing ends the warm ones; monitors that have a container live on.</remarks>
public sealed class MonitorPool(MonitorPoolOptions options, TimeProvider time) : IAsyncDisposable
{
    public MonitorPoolOptions Options { get; } = options;

    public TimeProvider Time { get; } = time;

    /// <summary>Gives a container a monitor: a warm one, or a new one.</summary>
    public Task<MonitorClient> StartAsync(ContainerId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Finds the monitor that an earlier engine started; null when it is gone.</summary>
    public Task<MonitorClient?> ReconnectAsync(ContainerId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The exit that a monitor recorded; null when there is none.</summary>
    public Task<ContainerExit?> ReadExitAsync(ContainerId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Kills and removes what a dead monitor left: processes, control group, run-time files. Records an exit when there is none.</summary>
    /// <returns>How the container ended, as far as it can be known.</returns>
    public Task<ContainerExit> SweepAsync(ContainerId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Removes a container's run-time directory. Its monitor must be gone.</summary>
    public void RemoveDirectory(ContainerId id) => throw new NotSupportedException();

    /// <summary>A container's run-time directory, the bundle: <c>&lt;exec-root&gt;/containers/&lt;id&gt;</c>.</summary>
    public string DirectoryOf(ContainerId id) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
