using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry stop</c>.</summary>
internal static class StopCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "stop",
        Usage = "[OPTIONS] CONTAINER [CONTAINER...]",
        Summary = "Stop one or more running containers",
        Aliases = ["container stop", "stop"],
        Arity = Arity.AtLeast(1),
        Names = Names.RunningContainers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var signal = flags.Text("signal") is { Length: > 0 } given ? given : null;
        int? seconds = flags.Changed("timeout") ? (int)flags.Number("timeout") : null;
        return invocation.ForEachAtOnce(name => invocation.Client.Containers.Stop(name, signal, seconds));
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("signal", FlagKind.Text, "Signal to send to the container", 's'),
        new("timeout", FlagKind.Int, "Seconds to wait before killing the container", 't'),
        new("time", FlagKind.Int, "deprecated alias of --timeout") { Hidden = true },
    ];
}
