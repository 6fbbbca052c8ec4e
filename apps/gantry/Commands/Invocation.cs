using Gantry.Cli.Flags;
using Gantry.Client;

namespace Gantry.Cli.Commands;

/// <summary>A command with its flags and arguments, and what it talks to.</summary>
internal sealed record Invocation(CommandContext Context, string Path, FlagValues Flags, IReadOnlyList<string> Arguments)
{
    /// <summary>The engine.</summary>
    public EngineClient Client => Context.Client;

    /// <summary>Standard output.</summary>
    public Output.TextOutput Out => Context.Out;

    /// <summary>Standard error.</summary>
    public Output.TextOutput Error => Context.Error;

    /// <summary>Does something to each argument, prints the ones that succeeded, collects the errors.</summary>
    /// <param name="action">What to do to one.</param>
    /// <param name="echo">Whether a name is printed when it was done.</param>
    public int ForEach(Action<string> action, bool echo = true)
    {
        var errors = new List<string>();
        foreach (var argument in Arguments)
        {
            try
            {
                action(argument);
                if (echo)
                    Out.WriteLine(argument);
            }
            catch (Model.GantryException e) when (e.Kind != Model.ErrorKind.Unavailable || e.Message.StartsWith("Error response", StringComparison.Ordinal))
            {
                errors.Add(e.Message);
            }
        }
        Out.Flush();
        foreach (var error in errors)
            Error.WriteLine(error);
        return errors.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }
}
