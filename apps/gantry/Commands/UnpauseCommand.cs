namespace Gantry.Cli.Commands;

/// <summary><c>gantry unpause</c>.</summary>
internal static class UnpauseCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "unpause",
        Usage = "CONTAINER [CONTAINER...]",
        Summary = "Unpause all processes within one or more containers",
        Aliases = ["container unpause", "unpause"],
        Arity = Arity.AtLeast(1),
        Names = Names.RunningContainers,
        Run = Run,
    };

    private static int Run(Invocation invocation) => invocation.ForEachAtOnce(invocation.Client.Containers.Unpause);
}
