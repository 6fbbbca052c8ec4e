using Gantry.Kernel.Fds;

namespace Gantry.Runtime;

/// <summary>What becomes standard input, output and error of a launched process. The caller keeps and disposes them.</summary>
/// <param name="Input">Null: the caller's own descriptor 0.</param>
/// <param name="Output">Null: the caller's own descriptor 1.</param>
/// <param name="Error">Null: the caller's own descriptor 2.</param>
public sealed record StdioFds(Fd? Input, Fd? Output, Fd? Error)
{
    /// <summary>The three descriptors of this process.</summary>
    public static StdioFds Inherit { get; } = new(null, null, null);
}
