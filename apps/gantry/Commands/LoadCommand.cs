using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Kernel.Sys;
using Gantry.Kernel.Fds;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry load</c>.</summary>
internal static class LoadCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "load",
        Usage = "[OPTIONS]",
        Summary = "Load an image from a tar archive or STDIN",
        Aliases = ["image load", "load"],
        Arity = Arity.None,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var path = invocation.Flags.Text("input");
        if (path.Length == 0 && Terminals.IsTerminal(0))
            throw new FlagException("requested load from stdin, but stdin is empty");
        using Stream archive = path.Length > 0 ? ImportCommand.OpenFile(path) : DescriptorStream.Standard(0);
        var terminal = Terminals.IsTerminal(1);
        var objects = invocation.Client.Images.Load(archive, invocation.Flags.Bool("quiet") || !terminal, invocation.Flags.List("platform"));
        new ProgressDisplay(invocation.Out, terminal).Show(objects);
        return ExitCodes.Success;
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("input", FlagKind.Text, "Read from tar archive file, instead of STDIN", 'i'),
        new("platform", FlagKind.Text, "Load only the given platform variant. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"),
        new("quiet", FlagKind.Bool, "Suppress the load output", 'q'),
    ];
}
