using System.Globalization;
using Gantry.Api.BuildKit.Wire;
using Gantry.Build;
using Gantry.Model;

namespace Gantry.Api.BuildKit.Builds;

/// <summary>Where a build's result goes, as a client asks for it, and what it is told of it.</summary>
/// <remarks>Source: buildkit exporter/ and moby daemon/internal/builder-next/exporter: the exporter <c>moby</c> tells the configuration's
/// digest as the image's too.</remarks>
internal static class Exports
{
    /// <exception cref="GantryException">NotSupported: no such exporter.</exception>
    public static IReadOnlyList<BuildOutput> Read(SolveRequest request)
    {
        IEnumerable<Exporter> exporters = request.Exporters;
        // Clients before BuildKit 0.13 have one exporter, in fields of its own; later ones repeat the first there.
        if (request.Exporters.Count == 0 && request.ExporterDeprecated.Length > 0)
            exporters = [new Exporter { Type = request.ExporterDeprecated, Attrs = { request.ExporterAttrsDeprecated } }];
        return [.. exporters.Select(Read)];
    }

    public static SolveResponse Describe(BuildOutcome outcome)
    {
        var response = new SolveResponse();
        if (outcome.Image is { } image)
        {
            response.ExporterResponse["containerimage.config.digest"] = image.ToString();
            response.ExporterResponse["containerimage.digest"] = image.ToString();
        }

        if (outcome.Names.Count > 0)
            response.ExporterResponse["image.name"] = string.Join(',', outcome.Names);
        foreach (var (key, value) in outcome.Metadata.Where(static m => m.Key.StartsWith("containerimage.", StringComparison.Ordinal) || m.Key is "image.name" or "cache.manifest"))
            response.ExporterResponse[key] = value;
        return response;
    }

    private static BuildOutput Read(Exporter exporter, int number)
    {
        var attributes = exporter.Attrs.ToDictionary(static a => a.Key, static a => a.Value, StringComparer.Ordinal);
        return new()
        {
            Kind = exporter.Type switch
            {
                "moby" or "image" => BuildOutputKind.Image,
                "local" => BuildOutputKind.Local,
                "tar" => BuildOutputKind.Tar,
                "oci" => BuildOutputKind.Oci,
                "docker" => BuildOutputKind.Docker,
                _ => throw GantryException.Of(ErrorKind.NotSupported, $"exporter \"{exporter.Type}\" could not be found: there are moby, image, local, tar, oci and docker"),
            },
            Names = attributes.GetValueOrDefault("name", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Push = ExportOptions.Flag(attributes, "push") == true,
            ExporterId = number.ToString(CultureInfo.InvariantCulture),
            Attributes = attributes,
        };
    }
}
