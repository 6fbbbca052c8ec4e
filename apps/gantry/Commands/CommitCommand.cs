using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry commit</c>.</summary>
internal static class CommitCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "commit",
        Usage = "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
        Summary = "Create a new image from a container's changes",
        Aliases = ["container commit", "commit"],
        Arity = Arity.Between(1, 2),
        Names = Names.Containers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var reference = invocation.Arguments.Count > 1 ? invocation.Arguments[1] : "";
        invocation.Out.WriteLine(invocation.Client.Images.Commit(invocation.Arguments[0], reference, flags.Text("author"), flags.Text("message"), flags.Bool("pause"), flags.List("change")));
        return ExitCodes.Success;
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("author", FlagKind.Text, "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")", 'a'),
        new("change", FlagKind.List, "Apply Dockerfile instruction to the created image", 'c'),
        new("message", FlagKind.Text, "Commit message", 'm'),
        new("pause", FlagKind.Bool, "Pause container during commit (default true)", 'p', "true"),
    ];
}
