using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Devices;

/// <summary>The host's CDI specifications: devices by name, as in <c>vendor.com/class=name</c>. Files are the administrator's, and read anew for each container.</summary>
/// <remarks>Source: CNCF Container Device Interface, SPEC.md. Later directories win over earlier ones.</remarks>
public static class CdiSpecs
{
    /// <summary>Where specifications lie unless told otherwise.</summary>
    public static IReadOnlyList<string> DefaultDirectories { get; } = ["/etc/cdi", "/var/run/cdi"];

    /// <summary>Whether a text names a CDI device.</summary>
    public static bool IsName(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return slash > 0 && equals > slash + 1 && equals < text.Length - 1;
    }

    /// <summary>Whether there are devices of a kind. A file that cannot be read specifies none.</summary>
    public static bool Specifies(IReadOnlyList<string> directories, string kind)
    {
        foreach (var file in Files(directories))
        {
            try
            {
                using var json = CdiFile.Read(file);
                if (CdiEdits.Required(json.RootElement, "kind") == kind)
                    return true;
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or IOException)
            {
                // Said when a container asks for a device.
            }
        }
        return false;
    }

    /// <summary>What the devices change: for each its own edits, and once those of its specification.</summary>
    /// <exception cref="GantryException">Invalid: a device that nobody specifies, or a file that cannot be read.</exception>
    public static IReadOnlyList<CdiEdits> Find(IReadOnlyList<string> directories, IReadOnlyList<string> names)
    {
        var known = new Dictionary<string, (string Spec, CdiEdits Device)>(StringComparer.Ordinal);
        var common = new Dictionary<string, CdiEdits>(StringComparer.Ordinal);
        foreach (var file in Files(directories))
            Read(file, known, common);
        var missing = names.Where(name => !known.ContainsKey(name)).ToList();
        if (missing.Count > 0)
        {
            throw GantryException.Of(
                ErrorKind.Invalid,
                $"CDI device injection failed: unresolvable CDI devices {string.Join(", ", missing)}: no file in {string.Join(" or ", directories)} specifies them");
        }
        List<CdiEdits> edits = [];
        foreach (var spec in names.Select(name => known[name].Spec).Distinct())
        {
            if (common.TryGetValue(spec, out var shared))
                edits.Add(shared);
        }
        edits.AddRange(names.Distinct().Select(name => known[name].Device));
        return edits;
    }

    private static IEnumerable<string> Files(IReadOnlyList<string> directories) =>
        directories.Where(Directory.Exists).SelectMany(directory => Directory.EnumerateFiles(directory).Where(static file => CdiFile.Extensions.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal));

    private static void Read(string file, Dictionary<string, (string, CdiEdits)> known, Dictionary<string, CdiEdits> common)
    {
        try
        {
            using var json = CdiFile.Read(file);
            var kind = CdiEdits.Required(json.RootElement, "kind");
            if (json.RootElement.TryGetProperty("containerEdits", out var shared))
                common[file] = CdiEdits.Read(shared);
            foreach (var device in json.RootElement.GetProperty("devices").EnumerateArray())
                known[$"{kind}={CdiEdits.Required(device, "name")}"] = (file, CdiEdits.Read(device.GetProperty("containerEdits")));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw GantryException.Of(ErrorKind.Invalid, $"CDI device injection failed: {file} is no specification of devices: {error.Message}", cause: error);
        }
    }
}
