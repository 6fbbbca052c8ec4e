namespace Gantry.Build;

/// <summary>An annotation that an output asks for.</summary>
/// <param name="Platform">Whose manifest alone, as in <c>linux/arm64</c>; null: every platform's.</param>
public sealed record ImageAnnotation(AnnotationLevel Level, string? Platform, string Key, string Value)
{
    private const string Prefix = "annotation";

    /// <summary>Reads an attribute as <c>annotation-manifest[linux/amd64].KEY=VALUE</c>; null: the attribute is no annotation.</summary>
    /// <exception cref="Model.GantryException">Invalid: it begins like one, but is none.</exception>
    public static ImageAnnotation? Find(string name, string value)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.Length == Prefix.Length || name[Prefix.Length] is not ('-' or '.' or '['))
            return null;
        var rest = name.AsSpan(Prefix.Length);
        var level = AnnotationLevel.Manifest;
        if (rest[0] == '-')
        {
            rest = rest[1..];
            var end = rest.IndexOfAny('[', '.');
            var type = (end < 0 ? rest : rest[..end]).ToString();
            level = type switch
            {
                "manifest" => AnnotationLevel.Manifest,
                "manifest-descriptor" => AnnotationLevel.ManifestDescriptor,
                "index" => AnnotationLevel.Index,
                "index-descriptor" => AnnotationLevel.IndexDescriptor,
                _ => throw Model.GantryException.Of(Model.ErrorKind.Invalid, $"unrecognized annotation type {type}"),
            };
            rest = rest[type.Length..];
        }

        string? platform = null;
        if (rest is ['[', ..] && rest.IndexOf(']') is > 1 and var close)
        {
            platform = BuildPlatform.Text(BuildPlatform.Parse(rest[1..close].ToString(), new() { Os = "linux", Architecture = "amd64" }));
            rest = rest[(close + 1)..];
        }

        return rest is ['.', _, ..] && !rest.ContainsAny(" \t\r\n")
            ? new(level, platform, rest[1..].ToString(), value)
            : throw Model.GantryException.Of(Model.ErrorKind.Invalid, $"could not fully parse annotation {name}");
    }
}
