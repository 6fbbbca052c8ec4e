using Gantry.Runtime.Monitor;

namespace Gantry.Runtime.Logs;

/// <summary>A place that a container's output goes to for good.</summary>
public interface IContainerLog : IOutputSink, IDisposable
{
    /// <summary>The container has ended: writes the lines that never ended, and whatever waits.</summary>
    void Finish();
}
