using System.Text.Json;
using Gantry.Kernel.Fds;

namespace Gantry.Engine.Builds;

/// <summary>What npm has installed: the packages in directories <c>node_modules</c>, and what lock files name.</summary>
/// <remarks>Source: npm docs, package.json and package-lock.json.</remarks>
internal static class NodePackages
{
    private const string Modules = "node_modules/";
    private const string Manifest = "package.json";
    private const string Lock = "package-lock.json";
    private const int LargestManifest = 4 << 20;
    private const int LargestLock = 64 << 20;

    public static IEnumerable<SoftwarePackage> Find(Fd root, IEnumerable<string> files)
    {
        foreach (var path in files)
        {
            var found = IsPackage(path) ? ReadManifest(root, path) : IsLock(path) ? ReadLock(root, path) : [];
            foreach (var package in found)
                yield return package;
        }
    }

    /// <summary>Whether a file is looked into.</summary>
    public static bool IsOfInterest(string path) => IsPackage(path) || IsLock(path);

    // …/node_modules/NAME/package.json, …/node_modules/@SCOPE/NAME/package.json
    private static bool IsPackage(string path)
    {
        if (!path.EndsWith("/" + Manifest, StringComparison.Ordinal) || path.LastIndexOf(Modules, StringComparison.Ordinal) is not (>= 0 and var at))
            return false;
        var name = path[(at + Modules.Length)..^(Manifest.Length + 1)];
        return name.Length > 0 && name.Count(static c => c == '/') == (name[0] == '@' ? 1 : 0);
    }

    private static bool IsLock(string path) => (path == Lock || path.EndsWith("/" + Lock, StringComparison.Ordinal)) && !path.Contains(Modules, StringComparison.Ordinal);

    private static IReadOnlyList<SoftwarePackage> ReadManifest(Fd root, string path) => Parsed(root, path, LargestManifest, document =>
        Of(Text(document, "name"), Text(document, "version"), License(document), path) is { } package ? [package] : []);

    private static IReadOnlyList<SoftwarePackage> ReadLock(Fd root, string path) => Parsed(root, path, LargestLock, document =>
    {
        var found = new List<SoftwarePackage>();
        if (!document.TryGetProperty("packages", out var packages) || packages.ValueKind != JsonValueKind.Object)
            return found;
        foreach (var entry in packages.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Object || entry.Name.LastIndexOf(Modules, StringComparison.Ordinal) is not (>= 0 and var at))
                continue;
            var name = Text(entry.Value, "name") is { Length: > 0 } other ? other : entry.Name[(at + Modules.Length)..];
            if (Of(name, Text(entry.Value, "version"), License(entry.Value), path) is { } package)
                found.Add(package);
        }

        return found;
    });

    private static IReadOnlyList<SoftwarePackage> Parsed(Fd root, string path, int limit, Func<JsonElement, IReadOnlyList<SoftwarePackage>> read)
    {
        try
        {
            if (PackageFiles.Read(root, path, limit) is not { } text)
                return [];
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : [];
        }
        catch (JsonException)
        {
            // Tests of packages hold files that are broken on purpose.
            return [];
        }
    }

    private static SoftwarePackage? Of(string name, string version, string license, string path)
    {
        if (name.Length == 0 || version.Length == 0)
            return null;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return new() { Type = "npm", Space = slash > 0 ? name[..slash] : "", Name = name[(slash + 1)..], Version = version, License = license, Source = "/" + path };
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string License(JsonElement element) => element.TryGetProperty("license", out var license) && license.ValueKind == JsonValueKind.Object ? Text(license, "type") : Text(element, "license");
}
