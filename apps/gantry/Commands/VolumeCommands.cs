using System.Text.Json;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry volume create</c>, <c>ls</c> and <c>rm</c>.</summary>
/// <remarks>Source: docker/cli cli/command/volume.</remarks>
internal static class VolumeCommands
{
    public static readonly CommandSpec Create = new()
    {
        Name = "create",
        Usage = "[OPTIONS] [VOLUME]",
        Summary = "Create a volume",
        Aliases = ["volume create"],
        Arity = Arity.Between(0, 1),
        Flags = static () =>
        [
            new("driver", FlagKind.Text, "Specify volume driver name (default \"local\")", 'd', "local"),
            new("label", FlagKind.List, "Set metadata for a volume"),
            new("name", FlagKind.Text, "Specify volume name") { Hidden = true },
            new("opt", FlagKind.Map, "Set driver specific options (default map[])", 'o'),
        ],
        Run = RunCreate,
    };

    public static readonly CommandSpec List = new()
    {
        Name = "ls",
        Usage = "[OPTIONS]",
        Summary = "List volumes",
        Aliases = ["volume ls", "volume list"],
        Arity = Arity.None,
        Flags = static () =>
        [
            new("filter", FlagKind.Filter, "Provide filter values (e.g. \"dangling=true\")", 'f'),
            new("format", FlagKind.Text, "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
            new("quiet", FlagKind.Bool, "Only display volume names", 'q'),
        ],
        Run = RunList,
    };

    public static readonly CommandSpec Remove = new()
    {
        Name = "rm",
        Usage = "[OPTIONS] VOLUME [VOLUME...]",
        Summary = "Remove one or more volumes",
        Aliases = ["volume rm", "volume remove"],
        Arity = Arity.AtLeast(1),
        Flags = static () => [new("force", FlagKind.Bool, "Force the removal of one or more volumes", 'f')],
        Run = static invocation => invocation.ForEach(name => invocation.Client.Volumes.Remove(name, invocation.Flags.Bool("force"))),
    };

    internal const string TypeName = "*formatter.volumeContext";

    internal static readonly Dictionary<string, string> Titles = new()
    {
        ["Name"] = "VOLUME NAME", ["Driver"] = "DRIVER", ["Scope"] = "SCOPE", ["Mountpoint"] = "MOUNTPOINT", ["Labels"] = "LABELS", ["Links"] = "LINKS", ["Size"] = "SIZE",
        ["Availability"] = "AVAILABILITY", ["Group"] = "GROUP", ["Status"] = "STATUS",
    };

    /// <summary>A volume's row.</summary>
    internal static RowFields Row(JsonElement volume)
    {
        var used = volume.TryGetProperty("UsageData", out var data) && data.ValueKind == JsonValueKind.Object ? data : default(JsonElement?);
        return new(
            TypeName,
            [
                new("Name", () => JsonMember.Text(volume, "Name")),
                new("Driver", () => JsonMember.Text(volume, "Driver")),
                new("Scope", () => JsonMember.Text(volume, "Scope")),
                new("Mountpoint", () => JsonMember.Text(volume, "Mountpoint")),
                new("Labels", () => string.Join(',', Labels(volume).Select(static l => $"{l.Name}={l.Value.GetString()}").Order(StringComparer.Ordinal))),
                new("Links", () => used is { } d ? DiskUsageCommand.Number(d, "RefCount").ToString(System.Globalization.CultureInfo.InvariantCulture) : "N/A"),
                new("Size", () => used is { } d ? Units.Size(DiskUsageCommand.Number(d, "Size")) : "N/A"),
                new("Availability", static () => "N/A"),
                new("Group", static () => "N/A"),
                new("Status", static () => "N/A"),
            ],
            key => Labels(volume).FirstOrDefault(l => l.Name == key) is { Value.ValueKind: JsonValueKind.String } label ? label.Value.GetString()! : "");
    }

    private static int RunCreate(Invocation invocation)
    {
        var flags = invocation.Flags;
        var name = invocation.Arguments.Count > 0 ? invocation.Arguments[0] : "";
        if (flags.Text("name") is { Length: > 0 } old)
            name = name.Length == 0 ? old : throw new FlagException("conflicting options: cannot specify a volume name through both --name and as a positional arg");
        invocation.Out.WriteLine(invocation.Client.Volumes.Create(name, flags.Text("driver"), Pairs(flags.List("opt")), Pairs(flags.List("label"))));
        return ExitCodes.Success;
    }

    private static int RunList(Invocation invocation)
    {
        var flags = invocation.Flags;
        var format = flags.Text("format");
        if (format.Length == 0 && !flags.Bool("quiet"))
            format = invocation.Context.Config.Text("volumesFormat");
        using var list = invocation.Client.Volumes.List(Filters.Wire(flags.List("filter")));
        var volumes = DiskUsageCommand.Items(list.RootElement, "Volumes").OrderBy(static v => JsonMember.Text(v, "Name"), StringComparer.Ordinal).ToList();
        if (flags.Bool("quiet") && format.Length == 0)
        {
            foreach (var volume in volumes)
                invocation.Out.WriteLine(JsonMember.Text(volume, "Name"));
            return ExitCodes.Success;
        }

        new ListFormat(TypeName, "{{.Driver}}\t{{.Name}}", Titles).Print(invocation.Out, format, volumes.ConvertAll(Row));
        return ExitCodes.Success;
    }

    private static Dictionary<string, string> Pairs(IReadOnlyList<string> entries)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            pairs[equals < 0 ? entry : entry[..equals]] = equals < 0 ? "" : entry[(equals + 1)..];
        }

        return pairs;
    }

    private static IEnumerable<JsonProperty> Labels(JsonElement volume) =>
        volume.TryGetProperty("Labels", out var labels) && labels.ValueKind == JsonValueKind.Object ? labels.EnumerateObject() : [];
}
