namespace Gantry.Engine.Containers;

/// <summary>What <c>wait</c> waits for.</summary>
public enum WaitCondition
{
    /// <summary>Until the container is not running; at once when it is not.</summary>
    NotRunning,

    /// <summary>Until the container's next exit.</summary>
    NextExit,

    /// <summary>Until the container is removed.</summary>
    Removed,
}
