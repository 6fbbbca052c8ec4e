namespace Gantry.Kernel.Sys;

/// <summary>A file or directory of the host to be seen in a detached tree.</summary>
/// <param name="Source">What is seen: a path that nobody hostile can influence.</param>
/// <param name="Subpath">A directory or file below the source to be seen instead; resolved inside the source. Null: the source itself.</param>
/// <param name="Destination">Where, from the tree's root; resolved inside that.</param>
/// <param name="ReadOnly">Whether it cannot be written there.</param>
/// <param name="Recursive">With the mounts below the source.</param>
public sealed record DetachedBind(string Source, string? Subpath, string Destination, bool ReadOnly, bool Recursive);
