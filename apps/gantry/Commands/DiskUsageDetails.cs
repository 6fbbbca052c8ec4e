using System.Text.Json;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands;

/// <summary><c>system df -v</c>: every image, container and volume with its size.</summary>
/// <remarks>Source: docker/cli cli/command/formatter/disk_usage.go, by its output.</remarks>
internal static class DiskUsageDetails
{
    /// <summary>Prints them all.</summary>
    /// <param name="format">Empty: tables; else a template over Images, Containers, Volumes and BuildCache.</param>
    public static void Print(TextOutput output, JsonElement usage, string format)
    {
        var now = TimeProvider.System.GetUtcNow();
        var full = format.Length > 0 && format != "table";
        var images = DiskUsageCommand.Items(usage, "Images").Select(image => ImagesCommand.Row(image, full, now)).ToList();
        var containers = DiskUsageCommand.Items(usage, "Containers").Select(container => new ContainerFields(container, full, now, virtualSize: false)).ToList();
        var volumes = DiskUsageCommand.Items(usage, "Volumes").Select(VolumeCommands.Row).ToList();
        if (full)
        {
            var all = new Lists([new("Images", images), new("Containers", containers), new("Volumes", volumes), new("BuildCache", Array.Empty<RowFields>())]);
            output.Write(format == "json" ? JsonText.Escaped(all) : ParsedFormat.Execute(ParsedFormat.Parse(format), all));
            return;
        }

        output.Write("Images space usage:\n\n");
        new ListFormat(ImagesCommand.TypeName, "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}", ImagesCommand.Titles).Print(output, "", images);
        output.Write("\nContainers space usage:\n\n");
        new ListFormat(ContainerFields.Type, "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}", PsCommand.Titles).Print(output, "", containers);
        output.Write("\nLocal Volumes space usage:\n\n");
        new ListFormat(VolumeCommands.TypeName, "{{.Name}}\t{{.Links}}\t{{.Size}}", VolumeCommands.Titles).Print(output, "", volumes);
        var cache = DiskUsageCommand.Items(usage, "BuildCache").ToList();
        output.Write($"\nBuild cache usage: {Units.Size(cache.Where(static c => !DiskUsageCommand.IsShared(c)).Sum(static c => DiskUsageCommand.Number(c, "Size")))}\n\n");
        var table = new ColumnWriter();
        table.Line("CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\tSHARED");
        foreach (var item in cache)
        {
            var id = Text(item, "ID");
            var used = Text(item, "LastUsedAt") is { Length: > 0 } last ? Ago(last, now) : "";
            table.Line($"{(id.Length > 12 ? id[..12] : id)}\t{Text(item, "Type")}\t{Units.Size(DiskUsageCommand.Number(item, "Size"))}\t{Ago(Text(item, "CreatedAt"), now)}\t{used}\t{DiskUsageCommand.Number(item, "UsageCount")}\t{(DiskUsageCommand.IsShared(item) ? "true" : "false")}");
        }

        table.WriteTo(output);
    }

    internal static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    internal static string Ago(string time, DateTimeOffset now) =>
        DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out var then) ? Units.Duration(now - then) + " ago" : "";

    // What a template sees: a list of rows of each kind, in this order.
    private sealed class Lists(IReadOnlyList<KeyValuePair<string, object?>> kinds) : ITemplateFields
    {
        public string TypeName => "*formatter.DiskUsageContext";

        public IEnumerable<KeyValuePair<string, object?>> Fields => kinds;

        public bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value)
        {
            value = kinds.FirstOrDefault(kind => kind.Key == name).Value;
            return value is not null;
        }
    }
}
