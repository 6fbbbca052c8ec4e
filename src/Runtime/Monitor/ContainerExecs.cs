using Gantry.Kernel.Fds;
using Gantry.Kernel.Reactor;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Model.Oci;

namespace Gantry.Runtime.Monitor;

/// <summary>The further processes of a monitor's container: those that clients asked for, and health probes.</summary>
internal sealed class ContainerExecs(EpollLoop loop) : IDisposable
{
    /// <summary>How long output is waited for when a process has ended but others hold its pipes (moby waits as long).</summary>
    private const int LingerMs = 1000;

    private const int Kept = 128;

    private readonly List<ExecProcess> _execs = [];

    /// <summary>Makes a process in the container.</summary>
    public required Func<RuntimeProcess, StdioFds, LaunchedProcess> Launch { get; init; }

    /// <summary>Told of an exec's end; not of a probe's.</summary>
    public required Action<string, int> Exited { get; init; }

    /// <summary>Told when clients go.</summary>
    public required Action ClientsChanged { get; init; }

    public bool HaveClients => _execs.Exists(exec => exec.Streams.HasClients);

    /// <summary>Those that clients asked for.</summary>
    public IReadOnlyList<MonitorExecState> States => [.. _execs.Where(exec => exec.Ended is null).Select(exec => exec.State)];

    /// <exception cref="GantryException">NotFound.</exception>
    public ExecProcess Get(string id) =>
        _execs.Find(exec => exec.Id == id) ?? throw GantryException.Of(ErrorKind.NotFound, $"No such exec instance: {id}");

    /// <summary>Runs a process for a client.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="attach">Which streams the client wants.</param>
    /// <param name="client">The client's stream; null afterwards when it was taken over.</param>
    /// <returns>Its pid.</returns>
    public int Run(MonitorExecRequest request, MonitorAttachRequest? attach, ref Fd? client)
    {
        if (_execs.Exists(exec => exec.Id == request.ExecId))
            throw GantryException.Of(ErrorKind.AlreadyExists, $"exec \"{request.ExecId}\" exists already");
        var exec = Start(request, output: null, ended: null);
        if (client is not null && attach is not null)
        {
            exec.Streams.Attach(client, attach.Stdin, attach.Stdout, attach.Stderr);
            client = null;
        }
        Begin(exec, request.Process);
        return exec.Pid;
    }

    /// <summary>Runs a health probe.</summary>
    public ExecProcess RunProbe(MonitorExecRequest request, IOutputSink output, Action<int> ended)
    {
        var exec = Start(request, output, ended);
        Begin(exec, request.Process);
        return exec;
    }

    /// <summary>Waits for the ends of those that run, which have been killed, without the loop.</summary>
    /// <param name="limitMs">How long each may take.</param>
    public void Reap(int limitMs)
    {
        foreach (var exec in _execs.Where(exec => exec.Process is not null).ToArray())
        {
            if (Processes.WaitForEnd(exec.Process!.PidFd, limitMs))
                OnReadable(exec);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var exec in _execs)
            exec.Streams.Dispose();
    }

    private ExecProcess Start(MonitorExecRequest request, IOutputSink? output, Action<int>? ended)
    {
        var streams = new ProcessStreams(loop, new StreamOptions(request.Process.Terminal, request.OpenStdin, StdinOnce: true), output);
        try
        {
            var process = Launch(request.Process, streams.Child);
            return new ExecProcess(request.ExecId, streams) { Ended = ended, Process = process, Pid = process.Pid };
        }
        catch
        {
            streams.Dispose();
            throw;
        }
    }

    /// <summary>Starts to read its output and to wait for its end.</summary>
    private void Begin(ExecProcess exec, RuntimeProcess process)
    {
        exec.Streams.Changed = () => OnStreamsChanged(exec);
        exec.Streams.Begin(exec.Process!.Terminal);
        if (process.ConsoleSize is { } size)
            exec.Streams.TryResize((int)size.Height, (int)size.Width);
        exec.Source = loop.Add(exec.Process.PidFd, Readiness.Readable, _ => OnReadable(exec));
        _execs.Add(exec);
    }

    private void OnReadable(ExecProcess exec)
    {
        if (exec.Process is null || Processes.TryWait(exec.Process.PidFd, block: false, out var exit) < 0 || exit is null)
            return;
        exec.Source?.Remove();
        exec.Process.Dispose();
        exec.Process = null;
        exec.ExitCode = exit.Value.Status;
        exec.Streams.Drain();
        if (exec.Ended is { } ended)
        {
            exec.Streams.End();
            _execs.Remove(exec);
            ended(exec.ExitCode.Value);
            return;
        }
        if (exec.Streams.IsAtEnd)
            exec.Streams.End();
        else
            loop.Schedule(LingerMs, exec.Streams.End);
        Exited(exec.Id, exec.ExitCode.Value);
        ForgetOld();
    }

    private void OnStreamsChanged(ExecProcess exec)
    {
        if (exec.ExitCode is not null && exec.Streams.IsAtEnd)
            exec.Streams.End();
        ClientsChanged();
    }

    // Exit codes are kept for engines that were away.
    private void ForgetOld()
    {
        var ended = _execs.Count(exec => exec.ExitCode is not null);
        for (var i = 0; i < _execs.Count && ended > Kept; i++)
        {
            if (_execs[i].ExitCode is null || _execs[i].Streams.HasClients || !_execs[i].Streams.IsAtEnd)
                continue;
            _execs.RemoveAt(i--);
            ended--;
        }
    }
}
