using Gantry.Cli.Flags;
using Gantry.Cli.Specs;
using Gantry.Client;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry logs</c>.</summary>
internal static class LogsCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "logs",
        Usage = "[OPTIONS] CONTAINER",
        Summary = "Fetch the logs of a container",
        Aliases = ["container logs", "logs"],
        Arity = Arity.Exactly(1),
        Names = Names.Containers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var (flags, name) = (invocation.Flags, invocation.Arguments[0]);
        using var json = JsonDocument.Parse(invocation.Client.Containers.Inspect(name));
        var now = TimeProvider.System.GetUtcNow();
        using var log = invocation.Client.Containers.Logs(json.RootElement.GetProperty("Id").GetString()!, new()
        {
            Follow = flags.Bool("follow"),
            Timestamps = flags.Bool("timestamps"),
            Details = flags.Bool("details"),
            Tail = flags.Text("tail") is { Length: > 0 } tail ? tail : "all",
            Since = Timestamps.Wire(flags.Text("since"), now),
            Until = Timestamps.Wire(flags.Text("until"), now),
        });
        var tty = json.RootElement.TryGetProperty("Config", out var config) && config.TryGetProperty("Tty", out var said) && said.ValueKind == JsonValueKind.True;
        if (!tty)
        {
            OutputFrames.Copy(log.Read, invocation.Out.WriteBytes, invocation.Error.WriteBytes);
            return ExitCodes.Success;
        }
        var buffer = new byte[32768];
        int read;
        while ((read = log.Read(buffer)) > 0)
            invocation.Out.WriteBytes(buffer.AsSpan(0, read));
        return ExitCodes.Success;
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("details", FlagKind.Bool, "Show extra details provided to logs"),
        new("follow", FlagKind.Bool, "Follow log output", 'f'),
        new("since", FlagKind.Text, "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)"),
        new("tail", FlagKind.Text, "Number of lines to show from the end of the logs (default \"all\")", 'n', "all"),
        new("timestamps", FlagKind.Bool, "Show timestamps", 't'),
        new("until", FlagKind.Text, "Show logs before a timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)"),
    ];
}
