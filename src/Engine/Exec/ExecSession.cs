using Gantry.Model;

namespace Gantry.Engine.Exec;

/// <summary>One exec: what was asked, and how it is doing.</summary>
internal sealed class ExecSession(string id, ContainerId containerId, ExecCreateSpec spec)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;

    public string Id { get; } = id;

    public ContainerId ContainerId { get; } = containerId;

    public ExecCreateSpec Spec { get; } = spec;

    /// <summary>Its process, as the host counts; 0 before it runs.</summary>
    public int Pid { get; set; }

    /// <summary>Null while it has not ended.</summary>
    public int? ExitCode { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Completes when it has ended and its exit code is known.</summary>
    public Task Ended => _ended.Task;

    public bool Running => Pid != 0 && EndedAt is null;

    /// <summary>Nobody has started it yet.</summary>
    public bool IsNew => Volatile.Read(ref _started) == 0;

    /// <summary>Records the end.</summary>
    public void End(int exitCode, DateTimeOffset at)
    {
        ExitCode = exitCode;
        EndedAt = at;
        _ended.TrySetResult();
    }

    /// <summary>Lets the first who starts it pass.</summary>
    public bool TryStart() => Interlocked.Exchange(ref _started, 1) == 0;
}
