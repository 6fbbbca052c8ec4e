using Gantry.Cli.Flags;
using Gantry.Cli.Specs;

namespace Gantry.Cli.Builds;

/// <summary><c>--output</c>, <c>--load</c> and <c>--push</c>: where the result goes.</summary>
/// <remarks>Source: buildx reference of "build --output".</remarks>
internal static class OutputSpecs
{
    private static readonly string[] s_types = ["local", "tar", "oci", "docker", "image", "registry"];

    /// <summary>Reads the flags; no flag is an image.</summary>
    /// <exception cref="FlagException">One makes no sense.</exception>
    public static IReadOnlyList<OutputSpec> Read(IReadOnlyList<string> flags, bool load, bool push)
    {
        var outputs = flags.Select(ReadOne).Where(static output => output.Type != "cacheonly").ToList();
        if (push)
            outputs.Add(new("registry", "", new Dictionary<string, string>()));
        if (load || flags.Count + outputs.Count == 0)
            outputs.Add(new("image", "", new Dictionary<string, string>()));
        return outputs;
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
            var (key, value) = (field[..equals].ToLowerInvariant(), field[(equals + 1)..]);
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
        if (type == "docker" && destination.Length == 0)
            type = "image";
        if (type is "local" && destination.Length == 0)
            throw new FlagException("dest is required for local output");
        if (type is "tar" or "oci" && destination.Length == 0)
            destination = "-";
        return new(type, destination, attributes);
    }
}
