namespace Gantry.Engine.Planning;

/// <summary>What a mount that a user asked for is made of.</summary>
public enum PlanMountKind
{
    /// <summary>A path of the host.</summary>
    Bind,

    /// <summary>A named or anonymous volume.</summary>
    Volume,

    /// <summary>The files of an image, read-only.</summary>
    Image,

    /// <summary>A fresh file system in memory.</summary>
    Tmpfs,
}
