using Gantry.Kernel.Reactor;
using Gantry.Model.Monitor;

namespace Gantry.Runtime.Monitor;

/// <summary>A further process in the container, and after its end its exit code.</summary>
internal sealed class ExecProcess(string id, ProcessStreams streams)
{
    public string Id { get; } = id;

    public ProcessStreams Streams { get; } = streams;

    /// <summary>Null once it has been reaped.</summary>
    public LaunchedProcess? Process { get; set; }

    public EpollSource? Source { get; set; }

    public int Pid { get; set; }

    public int? ExitCode { get; set; }

    /// <summary>Told of the end instead of the engines: a health probe, of which nothing is kept.</summary>
    public Action<int>? Ended { get; init; }

    public MonitorExecState State => new(Id, Pid, ExitCode);
}
