using Gantry.Cli.Flags;
using Gantry.Cli.Output;

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
        var rows = new List<ContainerFields>(list.RootElement.GetArrayLength());
        foreach (var container in list.RootElement.EnumerateArray())
            rows.Add(new(container, full, now));
        new ListFormat(ContainerFields.Type, size ? DefaultTable + "\t{{.Size}}" : DefaultTable, Titles).Print(invocation.Out, format, rows);
        if (flags.Bool("all") && format.Length == 0 && Kernel.Sys.Terminals.IsTerminal(2))
            DeathHint.PrintBelow(invocation, list.RootElement);
        return ExitCodes.Success;
    }

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
