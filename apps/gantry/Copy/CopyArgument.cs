namespace Gantry.Cli.Copy;

/// <summary>One side of a copy: a path in a container, or here.</summary>
/// <param name="Container">The container; null: this machine.</param>
/// <param name="Path">As it was written; <c>-</c> here stands for a stream.</param>
internal sealed record CopyArgument(string? Container, string Path)
{
    /// <summary>Takes <c>CONTAINER:PATH</c> apart. An absolute path, and one that begins with a dot, is of this machine even with a colon.</summary>
    /// <remarks>Source: docker/cli cli/command/container/cp.go, splitCpArg.</remarks>
    public static CopyArgument Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || text.StartsWith('/') || text.StartsWith('.') ? new(null, text) : new(text[..colon], text[(colon + 1)..]);
    }
}
