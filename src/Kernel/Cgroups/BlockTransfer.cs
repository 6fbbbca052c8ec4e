namespace Gantry.Kernel.Cgroups;

/// <summary>What went between a cgroup and one block device.</summary>
/// <param name="Major">The device.</param>
/// <param name="Minor">The device.</param>
/// <param name="Operation">As the kernel names it: <c>Read</c>, <c>Write</c>, <c>Sync</c>, … in version 1, <c>read</c> and <c>write</c> in version 2.</param>
/// <param name="Count">Bytes, or operations.</param>
public readonly record struct BlockTransfer(long Major, long Minor, string Operation, long Count);
