using Gantry.Engine.Containers;
using Gantry.Model.Api;

namespace Gantry.Engine.Exec;

/// <summary>Further processes in running containers.</summary>
public sealed class ExecOperations
{
    /// <returns>The exec's id.</returns>
    public Task<string> CreateAsync(string container, ExecCreateSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <returns>Its streams; null when it was started detached.</returns>
    public Task<AttachedStream?> StartAsync(string exec, ExecStartSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ResizeAsync(string exec, int height, int width, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ExecInspectResponse> InspectAsync(string exec, CancellationToken cancellationToken) => throw new NotSupportedException();
}
