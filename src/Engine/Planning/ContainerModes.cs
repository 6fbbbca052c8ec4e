namespace Gantry.Engine.Planning;

/// <summary>The words of NetworkMode, IpcMode, PidMode, UTSMode: <c>host</c>, <c>container:NAME</c>, …</summary>
public static class ContainerModes
{
    /// <summary>The container a mode of the form <c>container:NAME</c> names, or null.</summary>
    public static string? ContainerOf(string? mode) =>
        mode is not null && mode.StartsWith("container:", StringComparison.Ordinal) ? mode["container:".Length..] : null;

    public static bool IsHost(string? mode) => mode == "host";

    /// <summary>True when the network namespace is the container's own: every mode but <c>host</c> and <c>container:NAME</c>.</summary>
    public static bool HasOwnNetwork(string? networkMode) => !IsHost(networkMode) && ContainerOf(networkMode) is null;
}
