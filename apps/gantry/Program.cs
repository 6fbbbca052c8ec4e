using Gantry.Cli.Commands;
using Gantry.Cli.Output;

namespace Gantry.Cli;

/// <summary>The <c>gantry</c> program.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        using var output = TextOutput.OfDescriptor(1);
        using var error = TextOutput.OfDescriptor(2);
        return new CommandLine(output, error).Run(arguments);
    }
}
