using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>The one table of how a container's state may change.</summary>
public static class ContainerTransitions
{
    private static readonly HashSet<(string From, string To)> s_allowed =
    [
        (ContainerStatus.Created, ContainerStatus.Running),
        (ContainerStatus.Created, ContainerStatus.Created), // a start that failed
        (ContainerStatus.Created, ContainerStatus.Exited), // a start that failed, of a container that once ran
        (ContainerStatus.Created, ContainerStatus.Removing),
        (ContainerStatus.Running, ContainerStatus.Paused),
        (ContainerStatus.Running, ContainerStatus.Exited),
        (ContainerStatus.Running, ContainerStatus.Restarting),
        (ContainerStatus.Running, ContainerStatus.Removing),
        (ContainerStatus.Paused, ContainerStatus.Running),
        (ContainerStatus.Paused, ContainerStatus.Exited),
        (ContainerStatus.Paused, ContainerStatus.Restarting),
        (ContainerStatus.Restarting, ContainerStatus.Running),
        (ContainerStatus.Restarting, ContainerStatus.Restarting), // a restart that failed is tried again
        (ContainerStatus.Restarting, ContainerStatus.Exited),
        (ContainerStatus.Restarting, ContainerStatus.Removing),
        (ContainerStatus.Exited, ContainerStatus.Running),
        (ContainerStatus.Exited, ContainerStatus.Exited), // a start that failed
        (ContainerStatus.Exited, ContainerStatus.Removing),
        (ContainerStatus.Removing, ContainerStatus.Dead), // a removal that failed
        (ContainerStatus.Dead, ContainerStatus.Removing),
    ];

    /// <summary>Whether the change is allowed.</summary>
    public static bool Allows(string from, string to) => s_allowed.Contains((from, to));

    /// <summary>Refuses a change that is not in the table: a fault of the engine's.</summary>
    public static void Check(ContainerId id, string from, string to)
    {
        if (!Allows(from, to))
            throw GantryException.Of(ErrorKind.Internal, $"container {id.Short} cannot become {to}: it is {from}");
    }
}
