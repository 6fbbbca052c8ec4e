using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry kill</c>.</summary>
internal static class KillCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "kill",
        Usage = "[OPTIONS] CONTAINER [CONTAINER...]",
        Summary = "Kill one or more running containers",
        Aliases = ["container kill", "kill"],
        Arity = Arity.AtLeast(1),
        Names = Names.RunningContainers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var signal = invocation.Flags.Text("signal") is { Length: > 0 } given ? given : null;
        return invocation.ForEachAtOnce(name => invocation.Client.Containers.Kill(name, signal));
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("signal", FlagKind.Text, "Signal to send to the container", 's'),
    ];
}
