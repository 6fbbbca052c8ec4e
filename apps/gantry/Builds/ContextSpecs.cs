using Gantry.Cli.Flags;
using Gantry.Model;
using Gantry.Model.Images;

namespace Gantry.Cli.Builds;

/// <summary>Reads <c>--build-context NAME=VALUE</c>: a directory, an image, an OCI layout, a git repository or a file of a web server.</summary>
/// <remarks>Source: buildx build/opt.go, loadInputs and resolveDigest.</remarks>
internal static class ContextSpecs
{
    private const string Layout = "oci-layout://";
    private const string TagAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>Named contexts as the engine is told of them, and the directories of this machine that they are, by the names that the engine asks for.</summary>
    /// <exception cref="FlagException">One makes no sense.</exception>
    /// <exception cref="GantryException">NotFound, Invalid: a layout is none, or has no such image.</exception>
    public static (Dictionary<string, string?> Told, Dictionary<string, string> Local) Read(IReadOnlyList<string> flags)
    {
        var (told, local) = (new Dictionary<string, string?>(), new Dictionary<string, string>());
        foreach (var flag in flags)
        {
            var equals = flag.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FlagException($"invalid context value: {flag}, expected key=value");
            var (name, value) = (flag[..equals], flag[(equals + 1)..]);
            if (value.StartsWith(Layout, StringComparison.Ordinal))
            {
                var (folder, digest) = FindImage(value[Layout.Length..]);
                // No context can be called so: no image name has a plus.
                var directory = $"layout+{local.Count}";
                local[directory] = folder;
                told[name] = $"{Layout}{directory}@{digest}";
            }
            else if (value.StartsWith("docker-image://", StringComparison.Ordinal) || (InputReader.IsUrl(value) && !Directory.Exists(value)))
            {
                told[name] = value;
            }
            else
            {
                told[name] = "local:" + name;
                local[name] = value;
            }
        }

        return (told, local);
    }

    // DIR[:TAG][@DIGEST]; a layout with one image needs neither.
    private static (string Folder, string Digest) FindImage(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var folder = at < 0 ? text : text[..at];
        var colon = folder.IndexOf(':', StringComparison.Ordinal);
        var tag = colon < 0 ? "latest" : folder[(colon + 1)..];
        folder = colon < 0 ? folder : folder[..colon];
        if (at >= 0)
            return Digest.TryParse(text[(at + 1)..], out var given) ? (folder, given.ToString()) : throw new FlagException($"invalid digest {text[(at + 1)..]} of {Layout}{text}");
        var images = ReadIndex(folder).Manifests;
        var found = images.FirstOrDefault(image => image.Annotations?.GetValueOrDefault(TagAnnotation) == tag) ?? (images is [var only] ? only : null);
        return found is not null
            ? (folder, found.Digest.ToString())
            : throw GantryException.Of(ErrorKind.NotFound, $"the OCI layout {folder} has no image \"{tag}\": name one with :TAG or @DIGEST; it has {string.Join(", ", images.Select(static i => i.Annotations?.GetValueOrDefault(TagAnnotation) ?? i.Digest.ToString()).Order(StringComparer.Ordinal))}");
    }

    /// <summary>What a layout has under a tag; null: nothing, or it is no layout.</summary>
    public static Digest? FindTagged(string folder, string tag)
    {
        try
        {
            return ReadIndex(folder).Manifests.FirstOrDefault(image => image.Annotations?.GetValueOrDefault(TagAnnotation) == tag)?.Digest;
        }
        catch (GantryException)
        {
            return null;
        }
    }

    private static ImageIndex ReadIndex(string folder)
    {
        try
        {
            return ImageDocuments.ReadIndex(File.ReadAllBytes(Path.Combine(folder, "index.json")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw GantryException.Of(ErrorKind.NotFound, $"{folder} is no OCI layout: {e.Message}", cause: e);
        }
    }
}
