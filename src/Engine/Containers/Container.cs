using Gantry.Engine.Containers.Records;
using Gantry.Engine.Monitors;
using Gantry.Engine.Operations;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Network.Bridge;
using Gantry.Network.Ports;
using Gantry.Store;

namespace Gantry.Engine.Containers;

/// <summary>
/// A container in the engine's memory: its record, and what belongs to its present run. Operations that change more than
/// the record hold <see cref="Gate"/>; readers take <see cref="Record"/> and no lock. What mounts the root filesystem holds
/// <see cref="RootfsGate"/> as long as it is mounted by the engine, and enters it first.
/// </summary>
internal sealed class Container(ContainerRecord record, ContainerRows rows) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<PendingAttach> _pending = [];
    private readonly TaskCompletionSource<ContainerRun> _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ContainerRecord _record = record;
    private TaskCompletionSource<ContainerRun> _nextExit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _removedFromRows;
    private CancellationTokenSource? _upload;

    public ContainerId Id { get; } = record.Id;

    public AsyncGate Gate { get; } = new();

    /// <summary>Kept by an upload into a container that does not run, for as long as a client likes to take: not by stop or kill.</summary>
    public AsyncGate RootfsGate { get; } = new();

    public ContainerRecord Record => _record;

    public ContainerRun Run => _record.Run;

    public string Name => _record.Name;

    /// <summary>The monitor of the present run.</summary>
    public MonitorClient? Monitor { get; set; }

    /// <summary>The network namespace's owner during a run on the bridge.</summary>
    public NetworkEndpoint? Endpoint { get; set; }

    public PublishedPorts? Ports { get; set; }

    /// <summary>The process as it was launched; execs start from it. Null after an engine's restart, until it is read from the bundle.</summary>
    public RuntimeProcess? Process { get; set; }

    /// <summary>The root filesystem as it was just made, for the first start; later ones look it up again.</summary>
    public Snapshot? Fresh { get; set; }

    /// <summary>Ends a wait before a restart.</summary>
    public CancellationTokenSource? BackOff { get; set; }

    /// <summary>How long the last wait before a restart was.</summary>
    public TimeSpan LastDelay { get; set; }

    /// <summary>Whether <c>restart</c> has ended it, so that it must not be removed at its end.</summary>
    public bool BeingRestarted { get; set; }

    /// <summary>Completes at the next end of a run, after it was recorded.</summary>
    public Task<ContainerRun> NextExit
    {
        get
        {
            lock (_lock)
                return _nextExit.Task;
        }
    }

    /// <summary>Completes when the container is gone.</summary>
    public Task<ContainerRun> Removed => _removed.Task;

    /// <summary>Whether the engine has ended it because it was unhealthy, so that its policy starts it again.</summary>
    public bool EndedAsUnhealthy { get; set; }

    /// <summary>Changes the record; false when the container was removed meanwhile.</summary>
    /// <param name="change">Makes the new record.</param>
    /// <param name="keep">Whether to write it down. What is not is written with the next change that is.</param>
    public bool Update(Func<ContainerRecord, ContainerRecord> change, bool keep = true)
    {
        lock (_lock)
        {
            var next = change(_record);
            if (_removedFromRows)
                return false;
            if (keep && !ReferenceEquals(next, _record))
                rows.Update(next);
            _record = next;
            return true;
        }
    }

    /// <summary>Changes how it is doing; the change of state must be one of the table.</summary>
    public bool UpdateRun(Func<ContainerRun, ContainerRun> change, bool keep = true) => Update(
        record =>
        {
            var next = change(record.Run);
            if (next.Status != record.Run.Status)
                ContainerTransitions.Check(Id, record.Run.Status, next.Status);
            return ReferenceEquals(next, record.Run) ? record : record with { Run = next };
        },
        keep);

    /// <summary>Begins an upload into the root filesystem; the caller holds <see cref="RootfsGate"/>.</summary>
    /// <returns>Says when somebody wants it to end.</returns>
    public CancellationToken BeginUpload()
    {
        lock (_lock)
            return (_upload = new()).Token;
    }

    public void EndUpload()
    {
        lock (_lock)
        {
            _upload?.Dispose();
            _upload = null;
        }
    }

    /// <summary>Makes an upload end before its client is done.</summary>
    public void InterruptUpload()
    {
        lock (_lock)
            _ = _upload?.CancelAsync();
    }

    /// <summary>Forgets the row; later changes of the record are dropped.</summary>
    public void DeleteRow()
    {
        lock (_lock)
        {
            rows.Delete(_record);
            _removedFromRows = true;
        }
    }

    /// <summary>Tells those who wait that a run has ended.</summary>
    public void CompleteExit()
    {
        TaskCompletionSource<ContainerRun> ended;
        lock (_lock)
        {
            ended = _nextExit;
            _nextExit = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        ended.TrySetResult(Run);
    }

    /// <summary>Tells those who wait that the container is gone; also those who waited for an exit that will not come.</summary>
    public void CompleteRemoval()
    {
        _removed.TrySetResult(Run);
        CompleteExit();
        foreach (var pending in TakePending())
            pending.Stream.Abandon();
    }

    /// <summary>Keeps a client's stream for the next start.</summary>
    public void AddPending(PendingAttach attach)
    {
        lock (_lock)
            _pending.Add(attach);
    }

    /// <summary>Drops a stream whose client has gone.</summary>
    public void RemovePending(MonitorStream stream)
    {
        lock (_lock)
            _pending.RemoveAll(pending => ReferenceEquals(pending.Stream, stream));
    }

    /// <summary>Takes the streams that wait for the start.</summary>
    public IReadOnlyList<PendingAttach> TakePending()
    {
        lock (_lock)
        {
            PendingAttach[] taken = [.. _pending];
            _pending.Clear();
            return taken;
        }
    }

    public void Dispose()
    {
        Gate.Dispose();
        RootfsGate.Dispose();
        _upload?.Dispose();
        BackOff?.Dispose();
    }
}
