namespace Gantry.Engine.Containers;

/// <summary>How to stop a container.</summary>
/// <param name="Signal">The signal to ask with, by name or number; null: the container's.</param>
/// <param name="TimeoutSeconds">How long to wait before killing; negative: for ever; null: the container's.</param>
public sealed record StopRequest(string? Signal = null, int? TimeoutSeconds = null);
