using Gantry.Cli.Specs;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry create</c>.</summary>
internal static class CreateCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "create",
        Usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        Summary = "Create a new container",
        Aliases = ["container create", "create"],
        Arity = Arity.AtLeast(1),
        Names = Names.Images,
        Flags = CreateFlags.Both,
        StopsAtFirstArgument = true,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var spec = CreateSpec.Of(invocation.Flags, invocation.Arguments);
        invocation.Out.WriteLine(ContainerCreation.Create(invocation, spec));
        return ExitCodes.Success;
    }
}
