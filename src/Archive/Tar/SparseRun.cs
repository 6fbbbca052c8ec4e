namespace Gantry.Archive;

/// <summary>A stretch of a sparse file that has content.</summary>
/// <param name="Offset">In the file, bytes.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct SparseRun(long Offset, long Length);
