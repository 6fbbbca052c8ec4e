namespace Gantry.Build;

/// <summary>What happens when two steps want one cache mount at a time.</summary>
public enum CacheSharing
{
    /// <summary>Both write to it.</summary>
    Shared,

    /// <summary>The second gets one of its own.</summary>
    Private,

    /// <summary>The second waits.</summary>
    Locked,
}
