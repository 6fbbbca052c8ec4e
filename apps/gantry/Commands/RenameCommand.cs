using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry rename</c>.</summary>
internal static class RenameCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "rename",
        Usage = "CONTAINER NEW_NAME",
        Summary = "Rename a container",
        Aliases = ["container rename", "rename"],
        Arity = Arity.Exactly(2),
        Names = Names.Containers,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var (from, to) = (invocation.Arguments[0].Trim(), invocation.Arguments[1].Trim());
        if (from.Length == 0 || to.Length == 0)
            throw new FlagException("neither old nor new names may be empty");
        invocation.Client.Containers.Rename(from, to);
        return ExitCodes.Success;
    }
}
