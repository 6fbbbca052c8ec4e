namespace Gantry.Store;

/// <summary>What all containers of one image share: the layers' directories with the init layer on top.</summary>
/// <param name="Lower">Directory names, topmost first, joined by colons.</param>
/// <param name="Layers">The same without the init layer.</param>
/// <param name="RootMode">Permissions of the root directory.</param>
internal sealed record SnapshotStack(string Lower, string Layers, uint RootMode, uint RootUid, uint RootGid);
