using System.Globalization;
using Gantry.Cli.Flags;
using Gantry.Cli.Specs;

namespace Gantry.Cli.Builds;

/// <summary><c>--cache-from</c> and <c>--cache-to</c>: caches outside the engine.</summary>
/// <remarks>Source: buildx references of "build --cache-from" and "--cache-to"; util/buildflags/cache.go.</remarks>
internal sealed record CacheSpecs
{
    private static readonly string[] s_imports = ["registry", "local"];
    private static readonly string[] s_exports = ["registry", "local", "inline"];

    /// <summary>What steps may be taken from, as the engine is told.</summary>
    public IReadOnlyList<(string Type, IReadOnlyDictionary<string, string> Attributes)> Imports { get; private init; } = [];

    /// <summary>What is written, as the engine is told.</summary>
    public IReadOnlyList<(string Type, IReadOnlyDictionary<string, string> Attributes)> Exports { get; private init; } = [];

    // Directories that are sent along, by the names that the engine is told.
    private IReadOnlyDictionary<string, string> Sent { get; init; } = new Dictionary<string, string>();

    /// <summary>Directories that caches come into, in the order that the engine is told, behind the outputs.</summary>
    public IReadOnlyList<OutputSpec> Received { get; private init; } = [];

    /// <summary>Reads the flags.</summary>
    /// <param name="outputs">How many outputs there are besides.</param>
    /// <exception cref="FlagException">One makes no sense.</exception>
    public static CacheSpecs Read(IReadOnlyList<string> from, IReadOnlyList<string> to, int outputs)
    {
        var imports = new List<(string, IReadOnlyDictionary<string, string>)>();
        var exports = new List<(string, IReadOnlyDictionary<string, string>)>();
        var sent = new Dictionary<string, string>();
        var received = new List<OutputSpec>();
        foreach (var flag in from)
        {
            var (type, attributes) = ReadOne("--cache-from", flag, s_imports);
            if (type == "local")
            {
                var path = Required("--cache-from", attributes, "src");
                if (!Directory.Exists(path))
                    continue; // As buildx: the first build has none yet.
                // Blobs are asked for one by one; which of them is the cache's manifest is said here.
                if (!attributes.ContainsKey("digest") && ContextSpecs.FindTagged(path, attributes.GetValueOrDefault("tag", "latest")) is { } digest)
                    attributes["digest"] = digest.ToString();
                attributes["context"] = $"cache+{sent.Count.ToString(CultureInfo.InvariantCulture)}";
                sent[attributes["context"]] = Path.GetFullPath(path);
            }

            imports.Add((type, attributes));
        }

        foreach (var flag in to)
        {
            var (type, attributes) = ReadOne("--cache-to", flag, s_exports);
            if (type == "local")
            {
                attributes["output"] = (outputs + received.Count).ToString(CultureInfo.InvariantCulture);
                received.Add(new("local", Required("--cache-to", attributes, "dest"), new Dictionary<string, string>()));
            }

            exports.Add((type, attributes));
        }

        return new() { Imports = imports, Exports = exports, Sent = sent, Received = received };
    }

    /// <summary>What is sent, with the caches' directories.</summary>
    /// <exception cref="FlagException">An archive on standard input is all that is sent.</exception>
    public BuildInput AddTo(BuildInput input)
    {
        if (Sent.Count > 0 && input.Archive is not null)
            throw new FlagException("directories of --cache-from cannot be sent along with an archive on standard input: unpack it and name its directory");
        return input with { Directories = [.. input.Directories, .. Sent.Select(static pair => new BuildDirectory(pair.Key) { Path = pair.Value, IsBeside = true })] };
    }

    private static (string Type, Dictionary<string, string> Attributes) ReadOne(string name, string flag, string[] known)
    {
        var fields = Csv.Parse(flag);
        // A name alone is an image's.
        if (fields.All(static field => !field.Contains('=', StringComparison.Ordinal)))
            return flag == "inline" ? (flag, []) : ("registry", new Dictionary<string, string> { ["ref"] = flag });
        var (type, attributes) = ("", new Dictionary<string, string>());
        foreach (var field in fields)
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                throw new FlagException($"{name}: invalid value {field}");
            if (field[..equals] == "type")
                type = field[(equals + 1)..];
            else
                attributes[field[..equals].ToLowerInvariant()] = field[(equals + 1)..];
        }

        if (type.Length == 0)
            throw new FlagException($"{name}: type is required, as in type=registry,ref=NAME");
        if (!known.Contains(type))
            throw new FlagException($"{name}: type \"{type}\" is not known: use {string.Join(", ", known)}");
        if (type == "registry")
            Required(name, attributes, "ref");
        return (type, attributes);
    }

    private static string Required(string name, Dictionary<string, string> attributes, string key) => attributes.GetValueOrDefault(key) is { Length: > 0 } value
        ? value
        : throw new FlagException($"{name}: {key} is required, as in {name} {(key == "ref" ? "type=registry,ref=REGISTRY/NAME:TAG" : $"type=local,{key}=DIRECTORY")}");
}
