namespace Gantry.Engine.Builds;

/// <summary>One file or directory of a tree.</summary>
/// <param name="Written">The path as it was named, without a slash before or behind it; empty: the root.</param>
/// <param name="Resolved">The same with all links followed.</param>
internal sealed record SourcePath(string Written, string Resolved, bool IsDirectory);
