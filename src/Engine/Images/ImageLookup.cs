using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>Finds images as people name them.</summary>
/// <remarks>Source: moby daemon/images/image.go, GetImage: a name wins over an id that looks the same.</remarks>
internal sealed class ImageLookup(ImageRoom room)
{
    /// <summary>The image, and the name it was found by (null: by its id).</summary>
    /// <exception cref="GantryException">NotFound: there is none. Invalid: neither a name nor an id.</exception>
    public (ImageRecord Image, ImageReference? Reference) Get(string nameOrId)
    {
        var images = room.Content.Images;
        if (Digest.TryParse(nameOrId, out var digest) || (nameOrId.Length == 64 && Digest.TryParse("sha256:" + nameOrId, out digest)))
            return (images.Find(digest) ?? throw ImageErrors.NoSuchImage(nameOrId), null);
        if (!ImageReference.TryParse(nameOrId, out var reference))
        {
            if (nameOrId.StartsWith("sha256:", StringComparison.Ordinal) && FindPrefix(nameOrId[7..]) is { } byLongPrefix)
                return (byLongPrefix, null);
            _ = ImageReference.Parse(nameOrId);
        }

        if (reference!.Digest is not null)
        {
            var found = images.FindDigest(reference) ?? images.Find(reference.Digest.Value) ?? throw ImageErrors.NoSuchImage(reference.Familiar);
            return (found, reference);
        }

        var named = reference.WithDefaultTag();
        if (images.FindTag(named) is { } tagged)
            return (tagged, named);
        if (FindPrefix(nameOrId.StartsWith("sha256:", StringComparison.Ordinal) ? nameOrId[7..] : nameOrId) is { } byPrefix)
            return (byPrefix, null);
        throw ImageErrors.NoSuchImage(named.Familiar);
    }

    private ImageRecord? FindPrefix(string hex)
    {
        if (hex.Length is 0 or > 64 || hex.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            return null;
        return room.Content.Images.FindPrefix(hex) switch
        {
            [var one] => room.Content.Images.Find(one),
            [_, _] => throw ImageErrors.Ambiguous(hex),
            _ => null,
        };
    }
}
