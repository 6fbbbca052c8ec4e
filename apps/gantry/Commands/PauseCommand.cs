namespace Gantry.Cli.Commands;

/// <summary><c>gantry pause</c>.</summary>
internal static class PauseCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "pause",
        Usage = "CONTAINER [CONTAINER...]",
        Summary = "Pause all processes within one or more containers",
        Aliases = ["container pause", "pause"],
        Arity = Arity.AtLeast(1),
        Names = Names.RunningContainers,
        Run = Run,
    };

    private static int Run(Invocation invocation) => invocation.ForEachAtOnce(invocation.Client.Containers.Pause);
}
