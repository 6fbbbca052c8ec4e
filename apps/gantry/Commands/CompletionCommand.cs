using Gantry.Cli.Completion;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry completion bash|zsh|fish</c>.</summary>
internal static class CompletionCommand
{
    /// <summary>The command for a shell.</summary>
    public static CommandSpec Of(string shell) => new()
    {
        Name = shell,
        Usage = "",
        Summary = $"Generate the autocompletion script for {shell}",
        Arity = Arity.None,
        Run = invocation =>
        {
            invocation.Out.Write(CompletionScripts.Of(shell));
            return ExitCodes.Success;
        },
    };
}
