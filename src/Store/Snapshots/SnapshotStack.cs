namespace Gantry.Store;

/// <summary>What all snapshots on one stack of layers share.</summary>
/// <param name="Layers">The layers' directory names, topmost first, joined by colons.</param>
/// <param name="WithMountPoints">The same with the init layer on top; null: it is for a snapshot without mount points.</param>
/// <param name="RootMode">Permissions of the root directory.</param>
internal sealed record SnapshotStack(string Layers, string? WithMountPoints, uint RootMode, uint RootUid, uint RootGid);
