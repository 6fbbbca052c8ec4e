using Gantry.Cli.Completion;

namespace Gantry.Cli.Commands;

/// <summary>The hidden <c>gantry __complete</c>, which the completion scripts ask.</summary>
internal static class CompleteCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "__complete",
        Usage = "WORD [WORD...]",
        Summary = "What can stand at the end of a command line",
        Aliases = ["__complete"],
        Arity = Arity.Any,
        StopsAtFirstArgument = true,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        foreach (var candidate in Completer.Complete(invocation.Context, invocation.Arguments))
            invocation.Out.WriteLine(candidate);
        return ExitCodes.Success;
    }
}
