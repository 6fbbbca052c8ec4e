namespace Gantry.Store;

/// <summary>How overlayfs marks what a layer takes away. Source: kernel Documentation/filesystems/overlayfs.rst.</summary>
internal static class OverlayMarks
{
    /// <summary>Set to "y" on a directory that hides the directories of its name below.</summary>
    public const string Opaque = "trusted.overlay.opaque";

    /// <summary>Whether an attribute is overlayfs's own: an image must not set those, they redirect lookups.</summary>
    public static bool IsOverlays(string xattr) =>
        xattr.StartsWith("trusted.overlay.", StringComparison.Ordinal) || xattr.StartsWith("user.overlay.", StringComparison.Ordinal);
}
