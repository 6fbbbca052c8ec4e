using Gantry.Model;

namespace Gantry.Build;

/// <summary>An image in an OCI layout of the client's, as named contexts name it: <c>oci-layout://LAYOUT[:TAG]@DIGEST</c>.</summary>
/// <param name="Layout">What the client calls the layout.</param>
/// <param name="Manifest">Of the image, or of an index: the client has looked the tag up.</param>
public sealed record LayoutReference(string Layout, Digest Manifest)
{
    /// <summary>What it begins with.</summary>
    public const string Prefix = "oci-layout:";

    /// <summary>Reads one; null: it is something else.</summary>
    /// <exception cref="GantryException">Invalid: it begins like one, but tells no digest.</exception>
    public static LayoutReference? Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var name = text[Prefix.Length..].TrimStart('/');
        var at = name.LastIndexOf('@');
        if (at <= 0 || !Digest.TryParse(name[(at + 1)..], out var manifest))
            throw GantryException.Of(ErrorKind.Invalid, $"{text} must include a digest reference, as in {Prefix}//NAME@sha256:…");
        var colon = name.LastIndexOf(':', at);
        return new(name[..(colon > 0 ? colon : at)], manifest);
    }
}
