using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry rm</c>.</summary>
internal static class RmCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "rm",
        Usage = "[OPTIONS] CONTAINER [CONTAINER...]",
        Summary = "Remove one or more containers",
        Aliases = ["container rm", "container remove", "rm"],
        Arity = Arity.AtLeast(1),
        Names = Names.Containers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        return invocation.ForEachAtOnce(name => invocation.Client.Containers.Remove(name.Trim('/'), flags.Bool("force"), flags.Bool("volumes"), flags.Bool("link")));
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("force", FlagKind.Bool, "Force the removal of a running container (uses SIGKILL)", 'f'),
        new("link", FlagKind.Bool, "Remove the specified link", 'l'),
        new("volumes", FlagKind.Bool, "Remove anonymous volumes associated with the container", 'v'),
    ];
}
