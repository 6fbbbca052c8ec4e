using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Specs;
using Gantry.Cli.Templates;
using System.Text;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry events</c>.</summary>
internal static class EventsCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "events",
        Usage = "[OPTIONS]",
        Summary = "Get real time events from the server",
        Aliases = ["system events", "events"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var now = TimeProvider.System.GetUtcNow();
        var format = flags.Text("format");
        var template = format is "" or "json" ? null : ParsedFormat.Parse(format);
        foreach (var item in invocation.Client.System.Events(Timestamps.Wire(flags.Text("since"), now), Timestamps.Wire(flags.Text("until"), now), Filters.Wire(flags.List("filter"))))
        {
            invocation.Out.WriteLine(format == "json" ? JsonText.Of(JsonValue.Of(item)) : template is null ? Line(item) : ParsedFormat.Execute(template, Fields(item)));
            invocation.Out.Flush();
        }
        return ExitCodes.Success;
    }

    private static string Line(JsonElement item)
    {
        var line = new StringBuilder();
        if (item.TryGetProperty("timeNano", out var nano) && nano.GetInt64() != 0)
            line.Append(LocalTime.Nano(nano.GetInt64())).Append(' ');
        else if (item.TryGetProperty("time", out var time) && time.GetInt64() != 0)
            line.Append(LocalTime.Nano(time.GetInt64() * 1_000_000_000)).Append(' ');
        var actor = item.TryGetProperty("Actor", out var found) ? found : default;
        line.Append(Text(item, "Type")).Append(' ').Append(Text(item, "Action")).Append(' ').Append(Text(actor, "ID"));
        if (actor.ValueKind == JsonValueKind.Object && actor.TryGetProperty("Attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object && attributes.EnumerateObject().Any())
            line.Append(" (").AppendJoin(", ", attributes.EnumerateObject().OrderBy(static p => p.Name, StringComparer.Ordinal).Select(static p => $"{p.Name}={p.Value}")).Append(')');
        return line.ToString();
    }

    /// <summary>The event under the names that Go's type gives its fields.</summary>
    private static RowFields Fields(JsonElement item) => new(
        "*events.Message",
        [
            new("Status", () => Text(item, "status")),
            new("ID", () => Text(item, "id") is { Length: > 0 } id ? id : item.TryGetProperty("Actor", out var actor) ? Text(actor, "ID") : ""),
            new("From", () => Text(item, "from")),
            new("Type", () => Text(item, "Type")),
            new("Action", () => Text(item, "Action")),
            new("Actor", () => item.TryGetProperty("Actor", out var actor) ? JsonValue.Of(actor, "Actor") : null),
            new("Scope", () => Text(item, "scope")),
            new("Time", () => item.TryGetProperty("time", out var time) ? time.GetInt64() : 0L),
            new("TimeNano", () => item.TryGetProperty("timeNano", out var nano) ? nano.GetInt64() : 0L),
        ]);

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("filter", FlagKind.Filter, "Filter output based on conditions provided", 'f'),
        new("format", FlagKind.Text, "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
        new("since", FlagKind.Text, "Show all events created since timestamp"),
        new("until", FlagKind.Text, "Stream events until this timestamp"),
    ];
}
