using Gantry.Model;

namespace Gantry.Engine.Images;

/// <summary>Sentences about images that clients know.</summary>
internal static class ImageErrors
{
    // Source: moby daemon/images/image.go, ErrImageDoesNotExist.
    public static GantryException NoSuchImage(string name) => GantryException.Of(ErrorKind.NotFound, $"No such image: {name}");

    public static GantryException Ambiguous(string prefix) => GantryException.Of(ErrorKind.NotFound, $"No such image: {prefix} (several images' ids begin so: write more digits)");

    // Source: moby distribution/pull_v2.go.
    public static GantryException NoMatchingManifest(string platform) => GantryException.Of(ErrorKind.NotFound, $"no matching manifest for {platform} in the manifest list entries");

    // Source: moby daemon/images/image_delete.go.
    public static GantryException ReferenceInUse(string reference, string containerId, Digest image) =>
        GantryException.Of(ErrorKind.Conflict, $"conflict: unable to remove repository reference \"{reference}\" (must force) - container {Short(containerId)} is using its referenced image {image.Short}");

    public static GantryException HasDependents(Digest image) => Undeletable(image, "cannot be forced", "image has dependent child images");

    public static GantryException UsedByRunning(Digest image, string containerId) => Undeletable(image, "cannot be forced", $"image is being used by running container {Short(containerId)}");

    public static GantryException UsedByStopped(Digest image, string containerId) => Undeletable(image, "must be forced", $"image is being used by stopped container {Short(containerId)}");

    public static GantryException ReferencedOften(Digest image) => Undeletable(image, "must be forced", "image is referenced in multiple repositories");

    public static GantryException UnknownLayerType(string mediaType) =>
        GantryException.Of(ErrorKind.NotSupported, $"the image has a layer of type {mediaType}, which is not supported: layers are tar archives, plain or compressed with gzip or zstd");

    private static GantryException Undeletable(Digest image, string force, string why) => GantryException.Of(ErrorKind.Conflict, $"conflict: unable to delete {image.Short} ({force}) - {why}");

    private static string Short(string containerId) => containerId.Length > 12 ? containerId[..12] : containerId;
}
