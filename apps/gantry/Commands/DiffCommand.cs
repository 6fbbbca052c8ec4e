namespace Gantry.Cli.Commands;

/// <summary><c>gantry diff</c>.</summary>
internal static class DiffCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "diff",
        Usage = "CONTAINER",
        Summary = "Inspect changes to files or directories on a container's filesystem",
        Aliases = ["container diff", "diff"],
        Arity = Arity.Exactly(1),
        Names = Names.Containers,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        if (invocation.Arguments[0].Length == 0)
            throw new Flags.FlagException("Container name cannot be empty");
        using var changes = invocation.Client.Files.Changes(invocation.Arguments[0]);
        if (changes.RootElement.ValueKind != System.Text.Json.JsonValueKind.Array)
            return ExitCodes.Success;
        foreach (var change in changes.RootElement.EnumerateArray())
        {
            var letter = change.GetProperty("Kind").GetInt32() switch { 0 => 'C', 1 => 'A', _ => 'D' };
            invocation.Out.WriteLine($"{letter} {change.GetProperty("Path").GetString()}");
        }

        return ExitCodes.Success;
    }
}
