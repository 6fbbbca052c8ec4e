using System.Globalization;
using System.Text.Json;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>A list of packages as SPDX has it.</summary>
/// <remarks>Source: SPDX specification 2.3, JSON.</remarks>
internal static class SpdxDocument
{
    private const string Nothing = "NOASSERTION";
    private const string Root = "SPDXRef-Image";

    /// <summary>Writes one.</summary>
    /// <param name="name">What the packages are in.</param>
    /// <param name="content">What tells this list from others.</param>
    /// <param name="tool">Who made the list, as in <c>gantry-1.0</c>.</param>
    public static Predicate Write(string name, Digest content, IReadOnlyList<SoftwarePackage> packages, string tool, DateTimeOffset created, bool inlineOnly) => new("https://spdx.dev/Document", JsonText.Object(json =>
    {
        json.WriteString("spdxVersion", "SPDX-2.3");
        json.WriteString("dataLicense", "CC0-1.0");
        json.WriteString("SPDXID", "SPDXRef-DOCUMENT");
        json.WriteString("name", name);
        json.WriteString("documentNamespace", $"https://spdx.org/spdxdocs/gantry-{content.Hex}");
        json.Object("creationInfo", () =>
        {
            json.WriteStartArray("creators");
            json.WriteStringValue("Tool: " + tool);
            json.WriteEndArray();
            json.WriteString("created", created.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        });
        json.Objects("packages", packages.Select(static (p, i) => (Package: (SoftwarePackage?)p, Id: IdOf(i))).Prepend((null, Root)), entry => WritePackage(json, entry.Package, entry.Id, name));
        var relations = packages.Select(static (_, i) => (From: Root, Type: "CONTAINS", To: IdOf(i))).Prepend((From: "SPDXRef-DOCUMENT", Type: "DESCRIBES", To: Root));
        json.Objects("relationships", relations, relation =>
        {
            json.WriteString("spdxElementId", relation.From);
            json.WriteString("relationshipType", relation.Type);
            json.WriteString("relatedSpdxElement", relation.To);
        });
    }), "sbom.spdx.json", inlineOnly);

    private static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"SPDXRef-Package-{number + 1}");

    private static void WritePackage(Utf8JsonWriter json, SoftwarePackage? package, string id, string image)
    {
        json.WriteString("name", package is null ? image : package.Type == "npm" && package.Space.Length > 0 ? $"{package.Space}/{package.Name}" : package.Name);
        json.WriteString("SPDXID", id);
        if (package is not null)
            json.WriteString("versionInfo", package.Version);
        if (package is { Maintainer.Length: > 0 })
            json.WriteString("supplier", "Person: " + package.Maintainer);
        json.WriteString("downloadLocation", Nothing);
        json.WriteBoolean("filesAnalyzed", false);
        json.WriteString("licenseConcluded", Nothing);
        // Packages' own words for licenses are no SPDX expressions, mostly: they are told as they are.
        json.WriteString("licenseDeclared", Nothing);
        if (package is { License.Length: > 0 })
            json.WriteString("licenseComments", "declared as: " + package.License);
        json.WriteString("copyrightText", Nothing);
        if (package is null)
        {
            json.WriteString("primaryPackagePurpose", "CONTAINER");
            return;
        }

        json.WriteString("sourceInfo", "found in " + package.Source);
        json.Objects("externalRefs", [package], reference =>
        {
            json.WriteString("referenceCategory", "PACKAGE-MANAGER");
            json.WriteString("referenceType", "purl");
            json.WriteString("referenceLocator", reference.Url);
        });
    }
}
