using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Specs;
using Gantry.Kernel.Sys;
using Gantry.Kernel.Fds;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry import</c>.</summary>
internal static class ImportCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "import",
        Usage = "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        Summary = "Import the contents from a tarball to create a filesystem image",
        Aliases = ["image import", "import"],
        Arity = Arity.AtLeast(1),
        Names = Names.Files,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var (source, reference) = (invocation.Arguments[0], invocation.Arguments.Count > 1 ? invocation.Arguments[1] : "");
        var flags = invocation.Flags;
        var isUrl = source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal);
        using Stream? archive = isUrl ? null : source == "-" ? DescriptorStream.Standard(0) : OpenFile(source);
        var objects = invocation.Client.Images.Import(archive, isUrl ? source : null, reference, flags.Text("message"), flags.List("change"), flags.Text("platform"));
        new ProgressDisplay(invocation.Out, Terminals.IsTerminal(1)).Show(objects);
        return ExitCodes.Success;
    }

    /// <summary>Opens a file to be sent.</summary>
    internal static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"open {path}: {EnvironmentFiles.Problem(e)}");
        }
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("change", FlagKind.List, "Apply Dockerfile instruction to the created image", 'c'),
        new("message", FlagKind.Text, "Set commit message for imported image", 'm'),
        new("platform", FlagKind.Text, "Set platform if server is multi-platform capable"),
    ];
}
