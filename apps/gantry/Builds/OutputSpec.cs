namespace Gantry.Cli.Builds;

/// <summary>One place that a build's result goes to.</summary>
/// <param name="Type">As in <c>image</c>, <c>local</c>, <c>tar</c>.</param>
/// <param name="Destination">A path, or <c>-</c> for standard output; empty: it stays with the engine.</param>
/// <param name="Attributes">The rest, as it was given.</param>
internal sealed record OutputSpec(string Type, string Destination, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Whether it becomes a directory: what comes is an archive of that.</summary>
    public bool IsDirectory => Type == "local" || Attributes.GetValueOrDefault("tar") is "false" or "0";
}
