using Gantry.Model;

namespace Gantry.Runtime;

/// <summary>Runs further processes in a running container. Blocking; safe on any thread and on several at once.</summary>
public static class ExecLauncher
{
    /// <summary>Starts a process inside the container; it has exec'ed when this returns.</summary>
    /// <exception cref="GantryException">With <see cref="LaunchFailure"/>: the step and errno.</exception>
    public static LaunchedProcess Exec(ExecRequest request) => throw GantryException.Of(ErrorKind.NotSupported, "launching is not here yet");
}
