using Gantry.Cli.Copy;
using Gantry.Cli.Flags;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry export</c>.</summary>
internal static class ExportCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "export",
        Usage = "[OPTIONS] CONTAINER",
        Summary = "Export a container's filesystem as a tar archive",
        Aliases = ["container export", "export"],
        Arity = Arity.Exactly(1),
        Names = Names.Containers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var path = invocation.Flags.Text("output");
        if (path.Length == 0)
        {
            if (Terminals.IsTerminal(1))
                throw new FlagException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
            using var archive = invocation.Client.Files.Export(invocation.Arguments[0]);
            using var output = DescriptorStream.Standard(1);
            archive.CopyTo(output, 256 << 10);
            return ExitCodes.Success;
        }

        // Asked before the engine is, so that a mistyped path costs nothing.
        var directory = CopyPath.Split(LocalSide.Absolute(path)).Directory;
        if (!Directory.Exists(directory))
            throw new FlagException($"failed to export container: invalid output path: stat {directory}: no such file or directory");
        if (Directory.Exists(path))
            throw new FlagException($"failed to export container: invalid output path: \"{path}\" must be a regular file");
        using (var archive = invocation.Client.Files.Export(invocation.Arguments[0]))
            Save(archive, path);
        return ExitCodes.Success;
    }

    // Under another name until it is whole: what is broken off leaves no half archive that looks like one.
    private static void Save(Stream archive, string path)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0))
                archive.CopyTo(file, 256 << 10);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FlagException($"failed to export container: {e.Message}");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static IReadOnlyList<Flag> Flags() => [new("output", FlagKind.Text, "Write to a file, instead of STDOUT", 'o')];
}
