using System.Collections.Concurrent;
using Gantry.Model;

namespace Gantry.Engine.Exec;

/// <summary>The execs that can still be asked about, by id.</summary>
internal sealed class ExecTable(TimeProvider time)
{
    /// <summary>How long an ended exec can be inspected.</summary>
    /// <remarks>Source: moby daemon/exec.go containerExecGC.</remarks>
    private static readonly TimeSpan s_kept = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, ExecSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>Adds one; forgets those that ended long ago.</summary>
    public void Add(ExecSession session)
    {
        var old = time.GetUtcNow() - s_kept;
        foreach (var (id, known) in _sessions)
        {
            if (known.EndedAt < old)
                _sessions.TryRemove(id, out _);
        }
        _sessions[session.Id] = session;
    }

    /// <exception cref="GantryException">NotFound.</exception>
    public ExecSession Get(string id) => _sessions.GetValueOrDefault(id) ?? throw Containers.ContainerErrors.ExecNotFound(id);

    /// <summary>The ids of a container's execs that have not ended.</summary>
    public IReadOnlyList<string> Of(ContainerId container) => [.. _sessions.Values.Where(s => s.ContainerId == container && s.EndedAt is null).Select(s => s.Id)];

    /// <summary>Forgets a container's execs.</summary>
    public void Forget(ContainerId container) => Forget(session => session.ContainerId == container);

    /// <summary>Forgets a container's execs that nobody has started: it has ended, and they are not for its next run.</summary>
    /// <remarks>Source: moby daemon/start.go Cleanup.</remarks>
    public void ForgetNew(ContainerId container) => Forget(session => session.ContainerId == container && session.IsNew);

    private void Forget(Func<ExecSession, bool> choose)
    {
        foreach (var (id, session) in _sessions)
        {
            if (choose(session))
                _sessions.TryRemove(id, out _);
        }
    }
}
