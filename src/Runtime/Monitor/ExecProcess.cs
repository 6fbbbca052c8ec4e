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

    public MonitorExecState State => new(Id, Pid, ExitCode);
}
