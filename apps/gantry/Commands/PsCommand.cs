using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Model;
using System.Globalization;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry ps</c>.</summary>
internal static class PsCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "ps",
        Usage = "[OPTIONS]",
        Summary = "List containers",
        Aliases = ["container ls", "container list", "container ps", "ps"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    internal const string TypeName = "*formatter.ContainerContext";

    private const string DefaultTable = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

    internal static readonly Dictionary<string, string> Titles = new()
    {
        ["ID"] = "CONTAINER ID", ["Names"] = "NAMES", ["Image"] = "IMAGE", ["Command"] = "COMMAND", ["CreatedAt"] = "CREATED AT", ["RunningFor"] = "CREATED",
        ["Ports"] = "PORTS", ["State"] = "STATE", ["Status"] = "STATUS", ["Size"] = "SIZE", ["Labels"] = "LABELS", ["Mounts"] = "MOUNTS",
        ["LocalVolumes"] = "LOCAL VOLUMES", ["Networks"] = "NETWORKS", ["Platform"] = "PLATFORM",
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var format = flags.Text("format");
        if (format.Length == 0 && !flags.Bool("quiet"))
            format = invocation.Context.Config.Text("psFormat");
        var size = flags.Bool("size");
        var last = flags.Bool("latest") ? 1 : (int)flags.Number("last");
        var needsSize = size || format.Contains(".Size", StringComparison.Ordinal) || format.Contains("json", StringComparison.Ordinal);
        using var list = invocation.Client.Containers.List(flags.Bool("all"), needsSize, last > 0 ? last : null, Filters.Wire(flags.List("filter")));
        var full = flags.Bool("no-trunc");
        if (flags.Bool("quiet") && format.Length == 0)
        {
            foreach (var container in list.RootElement.EnumerateArray())
                invocation.Out.WriteLine(full ? JsonMember.Text(container, "Id") : Ellipsis.ShortId(JsonMember.Text(container, "Id")));
            return ExitCodes.Success;
        }
        var now = TimeProvider.System.GetUtcNow();
        var rows = list.RootElement.EnumerateArray().Select(c => Row(c, full, now)).ToList();
        new ListFormat(TypeName, size ? DefaultTable + "\t{{.Size}}" : DefaultTable, Titles).Print(invocation.Out, format, rows);
        if (flags.Bool("all") && format.Length == 0 && Kernel.Sys.Terminals.IsTerminal(2))
            DeathHint.PrintBelow(invocation, list.RootElement);
        return ExitCodes.Success;
    }

    /// <summary>A container's row.</summary>
    /// <param name="virtualSize">Whether the size tells that of all its files, too.</param>
    internal static RowFields Row(JsonElement container, bool full, DateTimeOffset now, bool virtualSize = true)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(Number(container, "Created"));
        return new(
            TypeName,
            [
                new("ID", () => full ? JsonMember.Text(container, "Id") : Ellipsis.ShortId(JsonMember.Text(container, "Id"))),
                new("Names", () => NamesOf(container, full)),
                new("Image", () => Image(container, full)),
                new("Command", () => GoText.Quote(full ? JsonMember.Text(container, "Command") : Ellipsis.Cut(JsonMember.Text(container, "Command"), 20))),
                new("CreatedAt", () => LocalTime.Text(created)),
                new("RunningFor", () => Units.Duration(now - created) + " ago"),
                new("Ports", () => container.TryGetProperty("Ports", out var ports) ? PortText.Of(ports) : ""),
                new("State", () => JsonMember.Text(container, "State")),
                new("Status", () => JsonMember.Text(container, "Status")),
                new("Size", () => SizeOf(container, virtualSize)),
                new("Labels", () => string.Join(',', Labels(container).Select(static l => $"{l.Key}={l.Value}").Order(StringComparer.Ordinal))),
                new("Mounts", () => string.Join(',', Mounts(container).Select(m => Mount(m, full)))),
                new("LocalVolumes", () => Mounts(container).Count(static m => JsonMember.Text(m, "Driver") == "local").ToString(CultureInfo.InvariantCulture)),
                new("Networks", () => string.Join(',', Networks(container))),
                new("Platform", static () => null),
            ],
            key => Labels(container).FirstOrDefault(l => l.Key == key).Value ?? "");
    }

    private static string NamesOf(JsonElement container, bool full)
    {
        if (!container.TryGetProperty("Names", out var names) || names.ValueKind != JsonValueKind.Array)
            return "";
        // A second slash is a link's name in another container: shown only when everything is.
        var all = names.EnumerateArray().Select(static n => (n.GetString() ?? "").TrimStart('/'));
        return string.Join(',', full ? all : all.Where(static n => !n.Contains('/', StringComparison.Ordinal)));
    }

    private static string Image(JsonElement container, bool full)
    {
        var image = JsonMember.Text(container, "Image");
        if (image.Length == 0)
            return "<no image>";
        if (full)
            return image;
        var id = JsonMember.Text(container, "ImageID");
        if (id.Length > 0 && Ellipsis.ShortId(id) == Ellipsis.ShortId(image))
            return Ellipsis.ShortId(image);
        return ImageReference.TryParse(image, out var reference) && reference is { Tag: not null, Digest: null } ? reference.Familiar : image;
    }

    private static string SizeOf(JsonElement container, bool virtualSize)
    {
        var (own, all) = (Number(container, "SizeRw"), Number(container, "SizeRootFs"));
        return Units.Size(own, 3) + (virtualSize && all > 0 ? $" (virtual {Units.Size(all, 3)})" : "");
    }

    private static IEnumerable<KeyValuePair<string, string>> Labels(JsonElement container) =>
        container.TryGetProperty("Labels", out var labels) && labels.ValueKind == JsonValueKind.Object
            ? labels.EnumerateObject().Select(static l => new KeyValuePair<string, string>(l.Name, l.Value.GetString() ?? ""))
            : [];

    private static IEnumerable<JsonElement> Mounts(JsonElement container) =>
        container.TryGetProperty("Mounts", out var mounts) && mounts.ValueKind == JsonValueKind.Array ? mounts.EnumerateArray() : [];

    private static string Mount(JsonElement mount, bool full)
    {
        var name = JsonMember.Text(mount, "Name") is { Length: > 0 } given ? given : JsonMember.Text(mount, "Source");
        return full ? name : Ellipsis.Cut(name, 15);
    }

    private static IEnumerable<string> Networks(JsonElement container) =>
        container.TryGetProperty("NetworkSettings", out var settings) && settings.ValueKind == JsonValueKind.Object
        && settings.TryGetProperty("Networks", out var networks) && networks.ValueKind == JsonValueKind.Object
            ? networks.EnumerateObject().Select(static n => n.Name)
            : [];

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("all", FlagKind.Bool, "Show all containers (default shows just running)", 'a'),
        new("filter", FlagKind.Filter, "Filter output based on conditions provided", 'f'),
        new("format", FlagKind.Text, "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
        new("last", FlagKind.Int, "Show n last created containers (includes all states) (default -1)", 'n', "-1"),
        new("latest", FlagKind.Bool, "Show the latest created container (includes all states)", 'l'),
        new("no-trunc", FlagKind.Bool, "Don't truncate output"),
        new("quiet", FlagKind.Bool, "Only display container IDs", 'q'),
        new("size", FlagKind.Bool, "Display total file sizes", 's'),
    ];
}
