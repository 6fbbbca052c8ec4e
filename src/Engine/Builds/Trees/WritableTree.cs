using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>A tree that a step is writing. Without <see cref="CommitAsync"/> nothing of it stays.</summary>
/// <param name="begun">From when on its files count as written by the step (<see cref="LayerRecord.Begun"/>).</param>
internal sealed class WritableTree(ContentStore content, ContainerId key, BuildTree below, Snapshot snapshot, bool mountPoints, DateTimeOffset begun, TimeProvider time) : IDisposable
{
    private bool _gone;

    /// <summary>What a process in it is known by.</summary>
    public ContainerId Key => key;

    public Snapshot Snapshot => snapshot;

    /// <summary>The snapshot for being mounted once more; it must not be mounted.</summary>
    public Snapshot Reopen() => content.Snapshots.Find(key.ToString())!;

    /// <summary>Makes a layer of what was written; kept for the build cache.</summary>
    /// <exception cref="GantryException">Exhausted: no space left.</exception>
    public async Task<StepResult> CommitAsync(CancellationToken cancellationToken)
    {
        using var lease = content.Leases.Open();
        try
        {
            var layer = await Threads.RunAsync(() => content.Snapshots.Commit(key.ToString(), below.Layers, lease, time.GetUtcNow(), begun, cancellationToken));
            _gone = true;
            var result = BuildTrees.ResultOf([.. below.Layers, layer.DiffId]);
            content.Kept.Keep(BuildCache.OwnerOf(result), [.. below.Layers, layer.DiffId]);
            return result;
        }
        catch (SyscallException failure)
        {
            throw GantryException.Of(failure.Number is Errno.ENOSPC or Errno.EDQUOT ? ErrorKind.Exhausted : ErrorKind.Internal, $"make a layer of what the step wrote: {failure.Message}", cause: failure);
        }
    }

    public void Dispose()
    {
        if (!_gone)
            content.Snapshots.Remove(key.ToString());
        if (mountPoints)
            content.Snapshots.RemoveMountPoints(below.Layers);
    }
}
