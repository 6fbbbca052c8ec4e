using Gantry.Model;
using System.Globalization;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry wait</c>: prints the exit codes.</summary>
internal static class WaitCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "wait",
        Usage = "CONTAINER [CONTAINER...]",
        Summary = "Block until one or more containers stop, then print their exit codes",
        Aliases = ["container wait", "wait"],
        Arity = Arity.AtLeast(1),
        Names = Names.RunningContainers,
        Run = Run,
    };

    private static int Run(Invocation invocation) => invocation.ForEach(
        name =>
        {
            using var wait = invocation.Client.Containers.Wait(name);
            var result = wait.Result();
            if (result.Error?.Message is { Length: > 0 } message)
                throw GantryException.Of(ErrorKind.Internal, message);
            invocation.Out.WriteLine((result.StatusCode ?? 0).ToString(CultureInfo.InvariantCulture));
            invocation.Out.Flush();
        },
        echo: false);
}
