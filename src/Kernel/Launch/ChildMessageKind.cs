namespace Gantry.Kernel.Launch;

/// <summary>Kinds of <see cref="ChildMessage"/>.</summary>
public enum ChildMessageKind
{
    /// <summary>The channel ended.</summary>
    End = 0,

    /// <summary>An operation failed; the child exits.</summary>
    Failed = 1,

    /// <summary>The child waits until the parent has done something.</summary>
    Ask = 2,

    /// <summary>The container's root directory, as a descriptor.</summary>
    Root = 3,

    /// <summary>The master side of the terminal, as a descriptor.</summary>
    Terminal = 4,

    /// <summary>Everything is set up; the child waits at its gate.</summary>
    Ready = 5,

    /// <summary>The next operation is execve.</summary>
    Executing = 6,
}
