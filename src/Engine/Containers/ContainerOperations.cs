using Gantry.Engine.Composition;
using Gantry.Engine.Exec;
using Gantry.Engine.Explain;
using Gantry.Engine.Health;
using Gantry.Engine.Links;
using Gantry.Engine.Logs;
using Gantry.Engine.Oom;
using Gantry.Engine.Stats;
using Gantry.Engine.Top;
using Gantry.Model;
using Gantry.Model.Api;

namespace Gantry.Engine.Containers;

/// <summary>Everything a client can do with containers. Names are names, ids or unique prefixes of ids.</summary>
/// <remarks>Each operation is a class of its own in this folder; this is their door.</remarks>
public sealed class ContainerOperations
{
    private readonly EngineParts _parts;
    private readonly ContainerView _view;
    private readonly ListContainers _list;
    private readonly CreateContainer _create;
    private readonly StopContainer _stop;
    private readonly SignalContainer _signal;
    private readonly AttachContainer _attach;
    private readonly UpdateContainer _update;
    private readonly ContainerTop _top;
    private readonly ContainerStats _stats;
    private readonly ExplainContainer _explain;

    internal ContainerOperations(EngineParts parts, ExecTable execs)
    {
        _parts = parts;
        Mounts = new ContainerMounts(parts);
        var network = new ContainerNetwork(parts);
        Shared = new SharedMemory(parts);
        var links = new ContainerLinks(parts);
        Removal = new RemoveContainer(parts, network, Mounts, Shared, execs, links);
        _stats = new ContainerStats(parts);
        _explain = new ExplainContainer(parts, _stats);
        Exits = new ExitHandler(parts, network, Shared, Removal, _explain, execs);
        Health = new HealthWatch(parts);
        Memory = new OomWatch(parts);
        Start = new StartContainer(parts, network, new ContainerFileStep(parts, Shared), new ContainerPlan(parts, new ContainerUser()), Exits, Removal, Health, Memory, links, _explain);
        Exits.Restart = Start.RestartByPolicyAsync;
        _view = new ContainerView(parts, links, execs);
        _list = new ListContainers(parts, _view, links);
        _create = new CreateContainer(parts, Mounts, links);
        _stop = new StopContainer(parts, Start.RunAsync);
        Health.Replace = _stop.ReplaceAsync;
        _signal = new SignalContainer(parts);
        _attach = new AttachContainer(parts);
        _update = new UpdateContainer(parts);
        _top = new ContainerTop(parts);
    }

    internal ContainerMounts Mounts { get; }

    internal SharedMemory Shared { get; }

    internal ExitHandler Exits { get; }

    internal RemoveContainer Removal { get; }

    internal HealthWatch Health { get; }

    internal OomWatch Memory { get; }

    internal StartContainer Start { get; }

    /// <summary>Makes a container; it is not started.</summary>
    public Task<ContainerCreateResponse> CreateAsync(ContainerCreateSpec spec, CancellationToken cancellationToken) => _create.RunAsync(spec, cancellationToken);

    /// <summary>Containers, newest first.</summary>
    public Task<IReadOnlyList<ContainerSummary>> ListAsync(ContainerListQuery query, CancellationToken cancellationToken) => _list.RunAsync(query, cancellationToken);

    public Task<ContainerInspectResponse> InspectAsync(string container, bool size, CancellationToken cancellationToken) =>
        _view.InspectAsync(_parts.Containers.Get(container), size, cancellationToken);

    /// <exception cref="Model.GantryException">NotModified: it runs already.</exception>
    public Task StartAsync(string container, CancellationToken cancellationToken) => Start.RunAsync(_parts.Containers.Get(container), cancellationToken);

    /// <exception cref="Model.GantryException">NotModified: it does not run.</exception>
    public Task StopAsync(string container, StopRequest request, CancellationToken cancellationToken) =>
        _stop.StopAsync(_parts.Containers.Get(container), request, cancellationToken);

    public Task RestartAsync(string container, StopRequest request, CancellationToken cancellationToken) =>
        _stop.RestartAsync(_parts.Containers.Get(container), request, cancellationToken);

    /// <param name="signal">By name or number; null or empty: SIGKILL.</param>
    public Task KillAsync(string container, string? signal, CancellationToken cancellationToken)
    {
        try
        {
            return _signal.KillAsync(_parts.Containers.Get(container), container, signal, cancellationToken);
        }
        catch (GantryException missing)
        {
            throw ContainerErrors.CannotKill(container, missing);
        }
    }

    public Task PauseAsync(string container, CancellationToken cancellationToken) => _signal.PauseAsync(_parts.Containers.Get(container), cancellationToken);

    public Task UnpauseAsync(string container, CancellationToken cancellationToken) => _signal.UnpauseAsync(_parts.Containers.Get(container), cancellationToken);

    /// <summary>Begins to wait; it has begun when this returns, so that the client can be told.</summary>
    public Task<ContainerWait> WaitAsync(string container, WaitCondition condition, CancellationToken cancellationToken) =>
        Task.FromResult(WaitContainer.Begin(_parts.Containers.Get(container), condition, cancellationToken));

    /// <summary>Connects to its streams: now, or at its next start.</summary>
    public Task<AttachedStream> AttachAsync(string container, AttachRequest request, CancellationToken cancellationToken) =>
        _attach.RunAsync(_parts.Containers.Get(container), request, cancellationToken);

    /// <summary>Opens the log; a following one ends with the container.</summary>
    public Task<ContainerLogs> LogsAsync(string container, LogQuery query, CancellationToken cancellationToken) =>
        Task.FromResult(_attach.Logs(_parts.Containers.Get(container), query, cancellationToken));

    public Task ResizeAsync(string container, int height, int width, CancellationToken cancellationToken) =>
        _signal.ResizeAsync(_parts.Containers.Get(container), height, width, cancellationToken);

    public Task RenameAsync(string container, string newName, CancellationToken cancellationToken) =>
        _signal.RenameAsync(_parts.Containers.Get(container), newName, cancellationToken);

    /// <summary>Changes limits and restart policy; what is zero, empty or null stays.</summary>
    public Task<ContainerUpdateResponse> UpdateAsync(string container, HostConfig change, CancellationToken cancellationToken) =>
        _update.RunAsync(_parts.Containers.Get(container), change, cancellationToken);

    /// <summary>Says why it is as it is; also of one that died young and was removed by itself, for a while.</summary>
    public Task<ContainerExplanation> ExplainAsync(string container, CancellationToken cancellationToken) => _explain.RunAsync(container, cancellationToken);

    /// <param name="psArguments">As ps(1) takes them; null: <c>-ef</c>.</param>
    public Task<ContainerTopResponse> TopAsync(string container, string? psArguments, CancellationToken cancellationToken) =>
        _top.RunAsync(_parts.Containers.Get(container), psArguments, cancellationToken);

    /// <summary>What it uses now; without <paramref name="oneShot"/> after a second, with what it used before.</summary>
    public Task<ContainerStatsResponse> StatsAsync(string container, bool oneShot, CancellationToken cancellationToken) =>
        _stats.SampleAsync(_parts.Containers.Get(container), oneShot, cancellationToken);

    /// <summary>What it uses, each second, until it is removed.</summary>
    public IAsyncEnumerable<ContainerStatsResponse> StatsStreamAsync(string container, CancellationToken cancellationToken) =>
        _stats.StreamAsync(_parts.Containers.Get(container), cancellationToken);

    public Task RemoveAsync(string container, RemoveRequest request, CancellationToken cancellationToken) => Removal.RunAsync(container, request, cancellationToken);
}
