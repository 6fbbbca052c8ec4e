namespace Gantry.Engine.Containers;

/// <summary>The states a container is in, as the API writes them.</summary>
/// <remarks>Source: engine-api.yaml ContainerState.Status.</remarks>
public static class ContainerStatus
{
    public const string Created = "created";
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Restarting = "restarting";
    public const string Removing = "removing";
    public const string Exited = "exited";
    public const string Dead = "dead";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Created, Running, Paused, Restarting, Removing, Exited, Dead];

    /// <summary>Whether there is a live first process, or soon again: what <c>ps</c> shows without <c>-a</c>.</summary>
    public static bool IsUp(string status) => status is Running or Paused or Restarting;

    /// <summary>Whether there is a live first process.</summary>
    public static bool HasProcess(string status) => status is Running or Paused;
}
