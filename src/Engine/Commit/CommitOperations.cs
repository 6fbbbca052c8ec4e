using Gantry.Archive;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Images;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Engine.Commit;

/// <summary>Makes images of containers.</summary>
/// <remarks>Source: moby daemon/commit.go.</remarks>
public sealed class CommitOperations
{
    private readonly EngineParts _parts;
    private readonly ContainerOperations _containers;

    internal CommitOperations(EngineParts parts, ContainerOperations containers)
    {
        _parts = parts;
        _containers = containers;
    }

    /// <summary>Makes an image of what a container changed, on top of its own image.</summary>
    /// <returns>The image's id.</returns>
    /// <exception cref="GantryException">NotFound: no such container. Invalid: a change that cannot be used. Exhausted: no space left.</exception>
    public async Task<Digest> RunAsync(ContainerCommitSpec spec, CancellationToken cancellationToken)
    {
        var container = _parts.Containers.Get(spec.Container);
        var record = container.Record;
        var config = CommitConfig.Of(spec.Config, record.Config, spec.Changes);
        var paused = spec.Pause && await TryPauseAsync(container, cancellationToken);
        Digest id;
        try
        {
            id = await _parts.Images.CommitAsync(
                new ImageCommitSpec
                {
                    Parent = record.ImageId,
                    WriteLayer = (output, cancelled) => WriteLayer(container, output, cancelled),
                    Config = config,
                    Reference = spec.Reference,
                    Author = spec.Author,
                    Comment = spec.Comment,
                    CreatedBy = string.Join(' ', record.Config.Cmd ?? []),
                },
                cancellationToken);
        }
        finally
        {
            if (paused)
                await UnpauseAsync(container);
        }

        _parts.Publish(record, "commit", ("comment", spec.Comment), ("imageID", id.ToString()), ("imageRef", spec.Reference?.Familiar ?? ""));
        return id;
    }

    private void WriteLayer(Container container, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            _parts.Snapshots.WriteLayer(container.Id.ToString(), new TarWriter(output), cancellationToken);
        }
        catch (SyscallException failure)
        {
            throw GantryException.During($"commit container {container.Name}", failure);
        }
    }

    // Whether it runs and was not paused already.
    private async Task<bool> TryPauseAsync(Container container, CancellationToken cancellationToken)
    {
        if (container.Run.Status != ContainerStatus.Running)
            return false;
        try
        {
            await _containers.PauseAsync(container.Id.ToString(), cancellationToken);
            return true;
        }
        catch (GantryException ended) when (ended.Kind == ErrorKind.Conflict)
        {
            return false;
        }
    }

    // The client may be gone by now; the container must go on all the same.
    private async Task UnpauseAsync(Container container)
    {
        try
        {
            await _containers.UnpauseAsync(container.Id.ToString(), _parts.Background.Lifetime);
        }
        catch (GantryException ended) when (ended.Kind is ErrorKind.Conflict or ErrorKind.NotFound or ErrorKind.Internal)
        {
            // Killed, removed or unpaused by somebody else meanwhile.
        }
    }
}
