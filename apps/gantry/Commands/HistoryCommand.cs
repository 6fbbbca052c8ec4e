using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using System.Globalization;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry history</c>.</summary>
internal static class HistoryCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "history",
        Usage = "[OPTIONS] IMAGE",
        Summary = "Show the history of an image",
        Aliases = ["image history", "history"],
        Arity = Arity.Exactly(1),
        Names = Names.Images,
        Flags = Flags,
        Run = Run,
    };

    private const string TypeName = "*formatter.historyContext";

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var platform = flags.Text("platform") is { Length: > 0 } given ? given : null;
        using var history = invocation.Client.Images.History(invocation.Arguments[0], platform);
        var (full, human) = (flags.Bool("no-trunc"), flags.Bool("human"));
        var now = TimeProvider.System.GetUtcNow();
        if (flags.Bool("quiet") && flags.Text("format").Length == 0)
        {
            foreach (var step in history.RootElement.EnumerateArray())
                invocation.Out.WriteLine(Id(step, full));
            return ExitCodes.Success;
        }
        var titles = new Dictionary<string, string>
        {
            ["ID"] = "IMAGE", ["CreatedSince"] = human ? "CREATED" : "CREATED AT", ["CreatedAt"] = "CREATED AT", ["CreatedBy"] = "CREATED BY", ["Size"] = "SIZE", ["Comment"] = "COMMENT",
        };
        var rows = history.RootElement.EnumerateArray().Select(s => Row(s, full, human, now)).ToList();
        new ListFormat(TypeName, "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}", titles).Print(invocation.Out, flags.Text("format"), rows);
        return ExitCodes.Success;
    }

    private static RowFields Row(JsonElement step, bool full, bool human, DateTimeOffset now)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(step.GetProperty("Created").GetInt64());
        var at = created.ToLocalTime().ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal);
        var by = (step.GetProperty("CreatedBy").GetString() ?? "").Replace('\t', ' ');
        var size = step.GetProperty("Size").GetInt64();
        return new(
            TypeName,
            [
                new("ID", () => Id(step, full)),
                new("CreatedSince", () => human ? Units.Duration(now - created) + " ago" : at),
                new("CreatedAt", () => at),
                new("CreatedBy", () => full ? by : Ellipsis.Cut(by, 45)),
                new("Size", () => human ? Units.Size(size, 3) : size.ToString(CultureInfo.InvariantCulture)),
                new("Comment", () => step.TryGetProperty("Comment", out var comment) ? comment.GetString() ?? "" : ""),
            ]);
    }

    private static string Id(JsonElement step, bool full)
    {
        var id = step.GetProperty("Id").GetString() ?? "";
        return full || id.StartsWith('<') ? id : Ellipsis.ShortId(id);
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("format", FlagKind.Text, "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
        new("human", FlagKind.Bool, "Print sizes and dates in human readable format (default true)", 'H', "true"),
        new("no-trunc", FlagKind.Bool, "Don't truncate output"),
        new("platform", FlagKind.Text, "Show history for the given platform. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"),
        new("quiet", FlagKind.Bool, "Only show image IDs", 'q'),
    ];
}
