namespace Gantry.Store;

/// <summary>Something that a container did to its image's files.</summary>
/// <param name="Path">Absolute, in the container. Bytes that are not UTF-8 are shown as replacement characters.</param>
public readonly record struct TreeChange(string Path, TreeChangeKind Kind);
