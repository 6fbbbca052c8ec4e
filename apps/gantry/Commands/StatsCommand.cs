using System.Text.Json;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Stats;
using Gantry.Cli.Terminal;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry stats</c>: a table of what containers use, drawn anew each second.</summary>
internal static class StatsCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "stats",
        Usage = "[OPTIONS] [CONTAINER...]",
        Summary = "Display a live stream of container(s) resource usage statistics",
        Aliases = ["container stats", "stats"],
        Arity = Arity.Any,
        Flags = Flags,
        Names = Names.RunningContainers,
        Run = Run,
    };

    private const string TypeName = "*container.statsContext";
    private const string DefaultTable = "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

    /// <summary>How often the table is drawn: as often as the engine takes samples.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> Titles = new()
    {
        ["Container"] = "CONTAINER", ["Name"] = "NAME", ["ID"] = "CONTAINER ID", ["CPUPerc"] = "CPU %", ["MemUsage"] = "MEM USAGE / LIMIT",
        ["MemPerc"] = "MEM %", ["NetIO"] = "NET I/O", ["BlockIO"] = "BLOCK I/O", ["PIDs"] = "PIDS",
    };

    private static int Run(Invocation invocation)
    {
        var format = invocation.Flags.Text("format");
        if (format.Length == 0)
            format = invocation.Context.Config.Text("statsFormat");
        return invocation.Flags.Bool("no-stream") ? ShowOnce(invocation, format) : ShowLive(invocation, format);
    }

    private static int ShowOnce(Invocation invocation, string format)
    {
        var feed = new StatsFeed(invocation.Client);
        feed.TakeOne(invocation.Arguments.Count > 0 ? invocation.Arguments : Listed(invocation));
        if (feed.Errors is { Count: > 0 } errors)
            return Fail(invocation, errors);
        Print(invocation, format, feed);
        return ExitCodes.Success;
    }

    private static int ShowLive(Invocation invocation, string format)
    {
        var feed = new StatsFeed(invocation.Client);
        var chosen = invocation.Arguments.Count > 0;
        if (!chosen)
            FollowEvents(invocation, feed);
        foreach (var container in chosen ? invocation.Arguments : Listed(invocation))
            feed.Follow(container);
        using var screen = new LiveScreen(invocation.Out);
        while (true)
        {
            screen.Wait(Interval);
            // What was asked for and is not there, is an error; what came and went while we look, is not.
            if (chosen && feed.Errors is { Count: > 0 } errors)
                return Fail(invocation, errors);
            screen.Draw(() => Print(invocation, format, feed));
            if (chosen && feed.Ended)
                return ExitCodes.Success;
        }
    }

    /// <summary>Containers that start from now on are shown, too; those that end are not, unless all are.</summary>
    private static void FollowEvents(Invocation invocation, StatsFeed feed)
    {
        var all = invocation.Flags.Bool("all");
        var events = invocation.Client.System.Events(null, null, Filters.Wire(["type=container", "event=create", "event=start", "event=die", "event=destroy"]));
        new Thread(() =>
        {
            try
            {
                foreach (var message in events)
                    Apply(feed, message, all);
            }
            catch (Exception e) when (e is Model.GantryException or IOException or JsonException)
            {
                // The engine has gone: those who follow containers say so.
            }
        }) { IsBackground = true, Name = "events" }.Start();
    }

    private static void Apply(StatsFeed feed, JsonElement message, bool all)
    {
        var id = message.GetProperty("Actor").GetProperty("ID").GetString()!;
        switch (message.GetProperty("Action").GetString())
        {
            case "start":
            case "create" when all:
                feed.Follow(id);
                break;
            case "destroy":
            case "die" when !all:
                feed.Forget(id);
                break;
        }
    }

    private static List<string> Listed(Invocation invocation)
    {
        using var list = invocation.Client.Containers.List(invocation.Flags.Bool("all"));
        return [.. list.RootElement.EnumerateArray().Select(static container => container.GetProperty("Id").GetString()!)];
    }

    private static void Print(Invocation invocation, string format, StatsFeed feed)
    {
        var full = invocation.Flags.Bool("no-trunc");
        new ListFormat(TypeName, DefaultTable, Titles).Print(invocation.Out, format, [.. feed.Figures.Select(figures => figures.Row(full))]);
    }

    private static int Fail(Invocation invocation, IReadOnlyList<string> errors)
    {
        invocation.Out.Flush();
        foreach (var error in errors)
            invocation.Error.WriteLine(error);
        return ExitCodes.Failure;
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("all", FlagKind.Bool, "Show all containers (default shows just running)", 'a'),
        new("format", FlagKind.Text, "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates"),
        new("no-stream", FlagKind.Bool, "Disable streaming stats and only pull the first result"),
        new("no-trunc", FlagKind.Bool, "Do not truncate output"),
    ];
}
