using Gantry.Model;

namespace Gantry.Engine.Containers;

/// <summary>Reads <c>HostConfig.NetworkMode</c> and its relatives. Pure.</summary>
internal static class NetworkModes
{
    private const string Container = "container:";

    /// <summary>What a mode means; null: a network of a name that is not predefined.</summary>
    public static NetworkKind? Kind(string? mode) => mode switch
    {
        null or "" or "default" or "bridge" => NetworkKind.Bridge,
        "host" => NetworkKind.Host,
        "none" => NetworkKind.None,
        _ when mode.StartsWith(Container, StringComparison.Ordinal) => NetworkKind.Container,
        _ => null,
    };

    /// <summary>The container that a mode such as <c>container:web</c> names; null when it names none.</summary>
    public static string? Donor(string? mode) => mode is not null && mode.StartsWith(Container, StringComparison.Ordinal) ? mode[Container.Length..] : null;

    /// <summary>The mode that joins a container by its id.</summary>
    public static string Join(ContainerId id) => Container + id;
}
