using Gantry.Engine.Composition;
using Gantry.Engine.Planning;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>Changes a container's limits and restart policy, while it runs or for its next run.</summary>
/// <remarks>Source: moby daemon/update.go, container/container_unix.go UpdateContainer.</remarks>
internal sealed class UpdateContainer(EngineParts parts)
{
    /// <summary>Changes what is given and leaves the rest.</summary>
    /// <exception cref="GantryException">Invalid: a value that cannot be. Conflict: one that does not go with what the container has, or that the kernel refuses.</exception>
    public async Task<ContainerUpdateResponse> RunAsync(Container container, HostConfig change, CancellationToken requested)
    {
        // 1 validate
        ResourceUpdate.CheckMembers(change);
        List<string> warnings = [];
        change = UnkeptLimits.Drop(change, parts.Facts.Limits, warnings);
        CreateValidator.CheckResources(change, parts.Facts, change: true);
        CreateValidator.CheckPolicy(container.Record.Config, change);
        using var passage = await container.Gate.EnterAsync(requested);
        var record = container.Record;
        if (record.Run.Status is ContainerStatus.Removing or ContainerStatus.Dead)
            throw ContainerErrors.CannotUpdate(container.Id, "container is marked for removal and cannot be \"update\"");
        if (ResourceUpdate.Conflict(record.HostConfig, change) is { } conflict)
            throw ContainerErrors.CannotUpdate(container.Id, conflict);
        var merged = ResourceUpdate.Merge(record.HostConfig, change);
        CreateValidator.CheckResources(merged, parts.Facts);

        // 2 the kernel: a limit that it refuses leaves the record as it was
        var limits = ResourceUpdate.Limits(merged, change, parts.Facts.Limits.Swap);
        if (limits is not null && container.Monitor is { } monitor && ContainerStatus.HasProcess(record.Run.Status))
        {
            try
            {
                await monitor.UpdateAsync(limits, requested);
            }
            catch (GantryException refused)
            {
                throw ContainerErrors.CannotUpdate(container.Id, refused.Message, refused);
            }
        }

        // 3 record
        if (!container.Update(current => current with { HostConfig = ResourceUpdate.Merge(current.HostConfig, change) })) // COMMIT
            throw ContainerErrors.NotFound(container.Name);
        parts.Publish(container.Record, "update");
        return new ContainerUpdateResponse { Warnings = warnings.Count > 0 ? warnings : null };
    }
}
