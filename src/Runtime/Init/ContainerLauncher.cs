using Gantry.Model;

namespace Gantry.Runtime;

/// <summary>
/// Makes containers: namespaces, root filesystem, confinement; init then waits at its gate. Blocking; safe on any thread and on
/// several at once.
/// </summary>
public static class ContainerLauncher
{
    /// <summary>Creates a container up to the point where only execve is missing.</summary>
    /// <exception cref="GantryException">With <see cref="LaunchFailure"/>: the step and errno. Nothing is left behind.</exception>
    public static LaunchedProcess Create(LaunchRequest request)
    {
        using var launch = new Init.ContainerLaunch(request);
        return launch.Run();
    }
}
