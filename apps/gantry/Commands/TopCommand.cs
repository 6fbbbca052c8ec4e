using Gantry.Cli.Output;
using System.Text.Json;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry top</c>.</summary>
internal static class TopCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "top",
        Usage = "CONTAINER [ps OPTIONS]",
        Summary = "Display the running processes of a container",
        Aliases = ["container top", "top"],
        Arity = Arity.AtLeast(1),
        Names = Names.RunningContainers,
        StopsAtFirstArgument = true,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        using var json = invocation.Client.Containers.Top(invocation.Arguments[0], invocation.Arguments.Count > 1 ? string.Join(' ', invocation.Arguments.Skip(1)) : null);
        var table = new ColumnWriter { MinimumWidth = 20, Padding = 3 };
        table.Line(Cells(json.RootElement.GetProperty("Titles")));
        foreach (var process in json.RootElement.GetProperty("Processes").EnumerateArray())
            table.Line(Cells(process));
        table.WriteTo(invocation.Out);
        return ExitCodes.Success;
    }

    private static string Cells(JsonElement row) => string.Join('\t', row.EnumerateArray().Select(static c => c.GetString()));
}
