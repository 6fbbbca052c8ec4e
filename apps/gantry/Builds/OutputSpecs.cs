using Gantry.Cli.Flags;
using Gantry.Cli.Specs;

namespace Gantry.Cli.Builds;

/// <summary><c>--output</c>, <c>--load</c> and <c>--push</c>: where the result goes.</summary>
/// <remarks>Source: buildx reference of "build --output".</remarks>
internal static class OutputSpecs
{
    private static readonly string[] s_types = ["local", "tar", "oci", "docker", "image", "registry"];
    private static readonly string[] s_levels = ["manifest", "manifest-descriptor", "index", "index-descriptor"];

    /// <summary>What outputs of images take, and those of files.</summary>
    private static readonly string[] s_imageAttributes =
        ["name", "push", "push-by-digest", "store", "compression", "compression-level", "force-compression", "oci-mediatypes", "tar", "unpack", "rewrite-timestamp"];

    private static readonly string[] s_fileAttributes = ["platform-split", "attestation-prefix", "rewrite-timestamp"];

    /// <summary>Reads the flags; no flag is an image.</summary>
    /// <exception cref="FlagException">One makes no sense.</exception>
    /// <param name="annotations"><c>--annotation</c>: each is written on every image.</param>
    public static IReadOnlyList<OutputSpec> Read(IReadOnlyList<string> flags, bool load, bool push, IReadOnlyList<string> annotations)
    {
        var outputs = flags.Select(ReadOne).Where(static output => output.Type != "cacheonly").ToList();
        if (push)
            outputs.Add(new("registry", "", new Dictionary<string, string>()));
        if (load || flags.Count + outputs.Count == 0)
            outputs.Add(new("image", "", new Dictionary<string, string>()));
        var added = annotations.SelectMany(AnnotationsOf).ToList();
        return added.Count == 0 ? outputs : [.. outputs.Select(output => output.Type is "local" or "tar" ? output : output with { Attributes = With(output.Attributes, added) })];
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> attributes, IEnumerable<(string Name, string Value)> added)
    {
        var all = new Dictionary<string, string>(attributes);
        foreach (var (name, value) in added)
            all[name] = value;
        return all;
    }

    // [LEVEL[,LEVEL]:]KEY=VALUE, a level as in manifest[linux/amd64].
    private static IEnumerable<(string Name, string Value)> AnnotationsOf(string flag)
    {
        var equals = flag.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new FlagException($"invalid annotation \"{flag}\", expected key=value");
        var (key, value) = (flag[..equals], flag[(equals + 1)..]);
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return [($"annotation.{key}", value)];
        var levels = key[..colon].Split(',');
        foreach (var level in levels)
        {
            if (Array.IndexOf(s_levels, level.Split('[')[0]) < 0)
                throw new FlagException($"unknown annotation type \"{level}\": use {string.Join(", ", s_levels)}");
        }

        return levels.Select(level => ($"annotation-{level}.{key[(colon + 1)..]}", value));
    }

    private static OutputSpec ReadOne(string flag)
    {
        // A path alone: the files themselves, or on standard output an archive of them.
        if (!flag.Contains('=', StringComparison.Ordinal))
            return flag is "type" or "" ? throw new FlagException($"invalid output \"{flag}\"") : flag == "-" ? Made("tar", "-", []) : Made("local", flag, []);
        var (type, destination, attributes) = ("", "", new Dictionary<string, string>());
        foreach (var field in Csv.Parse(flag))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw new FlagException($"invalid value {field}");
            var (key, value) = (field[..equals], field[(equals + 1)..]);
            // An annotation's name is what it is.
            if (!key.StartsWith("annotation", StringComparison.Ordinal))
                key = key.ToLowerInvariant();
            if (key == "type")
                type = value;
            else if (key is "dest" or "destination")
                destination = value;
            else
                attributes[key] = value;
        }

        if (type.Length == 0)
            throw new FlagException("type is required for output");
        return Made(type, destination, attributes);
    }

    private static OutputSpec Made(string type, string destination, Dictionary<string, string> attributes)
    {
        if (type == "cacheonly")
            return new(type, "", attributes);
        if (Array.IndexOf(s_types, type) < 0)
            throw new FlagException($"output type \"{type}\" is not known: use {string.Join(", ", s_types)} or cacheonly");
        var known = type is "local" or "tar" ? s_fileAttributes : s_imageAttributes;
        foreach (var key in attributes.Keys)
        {
            if (Array.IndexOf(known, key) < 0 && !(type is not ("local" or "tar") && key.StartsWith("annotation", StringComparison.Ordinal)))
                throw new FlagException($"output of type {type} has no option \"{key}\": use {string.Join(", ", known)}");
        }

        if (attributes.GetValueOrDefault("tar") == "false" && (type is not ("oci" or "docker") || destination is "" or "-"))
            throw new FlagException("tar=false is for output of type oci or docker with dest=DIRECTORY");
        if (type == "docker" && destination.Length == 0)
            type = "image";
        if (type is "local" && destination.Length == 0)
            throw new FlagException("dest is required for local output");
        if (type is "tar" or "oci" && destination.Length == 0)
            destination = "-";
        return new(type, destination, attributes);
    }
}
