using Gantry.Model;

namespace Gantry.Build;

/// <summary>What is to be said of a result beside it, and of what request.</summary>
/// <remarks>Source: buildkit frontend/attestations, docs/attestations.</remarks>
public sealed record AttestationSpec
{
    /// <summary>Of what it was made; null: nothing is said of that.</summary>
    public ProvenanceSpec? Provenance { get; init; }

    /// <summary>Which packages it holds.</summary>
    public bool Packages { get; init; }

    /// <summary>The packages are told where that does not change what the output is otherwise: in images that have an index.</summary>
    public bool PackagesInlineOnly { get; init; }

    /// <summary>What the client asked for, in BuildKit's words (<c>build-arg:NAME</c>, <c>target</c>, <c>vcs:source</c>): part of the provenance.</summary>
    public IReadOnlyDictionary<string, string> Request { get; init; } = new Dictionary<string, string>();

    /// <summary>Nothing is said.</summary>
    public bool IsEmpty => Provenance is null && !Packages;

    /// <summary>Reads requests by their names: <c>provenance</c> and <c>sbom</c>, with values as <c>mode=max,version=v1</c>.</summary>
    /// <param name="requests">By name; a value <c>disabled=true</c> or <c>false</c> asks for nothing.</param>
    /// <param name="request">See <see cref="Request"/>.</param>
    /// <exception cref="GantryException">Invalid: such a request makes no sense. NotSupported: it needs a scanner from elsewhere.</exception>
    public static AttestationSpec Read(IReadOnlyDictionary<string, string> requests, IReadOnlyDictionary<string, string> request)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var spec = new AttestationSpec { Request = request };
        foreach (var (kind, value) in requests)
        {
            var fields = Fields(kind, value);
            if (fields is null)
                continue;
            var inlineOnly = ExportOptions.Flag(fields, "inline-only") ?? false;
            spec = kind switch
            {
                "provenance" => spec with { Provenance = new() { IsMax = ModeOf(fields), Version = VersionOf(fields), InlineOnly = inlineOnly } },
                "sbom" when fields.GetValueOrDefault("generator", "") is { Length: > 0 } generator && !generator.StartsWith("docker/buildkit-syft-scanner", StringComparison.Ordinal) =>
                    throw GantryException.Of(ErrorKind.NotSupported, $"the scanner {generator} cannot be run: this engine lists packages itself; leave generator= out"),
                "sbom" => spec with { Packages = true, PackagesInlineOnly = inlineOnly },
                _ => throw GantryException.Of(ErrorKind.Invalid, $"unknown attestation type {GoText.Quote(kind)}: there are provenance and sbom"),
            };
        }

        return spec;
    }

    private static Dictionary<string, string>? Fields(string kind, string value)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        if (value is "false" or "0")
            return null;
        if (value is "" or "true" or "1")
            return fields;
        foreach (var field in CsvFields.Split(value))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 && field is "min" or "max")
                fields["mode"] = field;
            else if (equals < 0)
                throw GantryException.Of(ErrorKind.Invalid, $"invalid value {GoText.Quote(field)} of attestation {kind}: write NAME=VALUE, as in mode=max");
            else
                fields[field[..equals]] = field[(equals + 1)..];
        }

        return ExportOptions.Flag(fields, "disabled") == true ? null : fields;
    }

    private static bool ModeOf(Dictionary<string, string> fields) => fields.GetValueOrDefault("mode", "") switch
    {
        "" or "min" => false,
        "max" => true,
        var other => throw GantryException.Of(ErrorKind.Invalid, $"invalid mode {GoText.Quote(other)} of provenance: it is min or max"),
    };

    private static string VersionOf(Dictionary<string, string> fields) => fields.GetValueOrDefault("version", "") switch
    {
        "" or "v0.2" => "v0.2",
        "v1" => "v1",
        var other => throw GantryException.Of(ErrorKind.Invalid, $"invalid provenance SLSA version: {other}: it is v0.2 or v1"),
    };
}
