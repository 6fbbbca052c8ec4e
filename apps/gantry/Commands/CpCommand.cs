using System.Text;
using Gantry.Archive;
using Gantry.Cli.Copy;
using Gantry.Cli.Flags;
using Gantry.Client;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Commands;

/// <summary><c>gantry cp</c>.</summary>
/// <remarks>Source: docker/cli cli/command/container/cp.go.</remarks>
internal static class CpCommand
{
    public static readonly CommandSpec Spec = new()
    {
        Name = "cp",
        Usage = "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tgantry cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
        Summary = "Copy files/folders between a container and the local filesystem",
        Aliases = ["container cp", "cp"],
        Arity = Arity.Exactly(2),
        Names = Names.Containers,
        Flags = Flags,
        Run = Run,
    };

    private static int Run(Invocation invocation)
    {
        var source = CopyArgument.Parse(invocation.Arguments[0]);
        var destination = CopyArgument.Parse(invocation.Arguments[1]);
        if (source.Path.Length == 0)
            throw new FlagException("source can not be empty");
        if (destination.Path.Length == 0)
            throw new FlagException("destination can not be empty");
        try
        {
            return (source.Container, destination.Container) switch
            {
                ({ } from, null) => Out(invocation, from, source.Path, destination.Path),
                (null, { } to) => In(invocation, source.Path, to, destination.Path),
                (not null, not null) => throw new FlagException("copying between containers is not supported"),
                _ => throw new FlagException("must specify at least one container source"),
            };
        }
        catch (SyscallException e)
        {
            throw new FlagException(e.Message);
        }
    }

    private static int Out(Invocation invocation, string container, string path, string destination)
    {
        var files = invocation.Client.Files;
        if (destination != "-")
        {
            destination = LocalSide.Absolute(destination);
            LocalSide.CheckDestination(destination);
        }

        string? name = null;
        if (invocation.Flags.Bool("follow-link") && FindStatus(files, container, path) is { IsSymlink: true } link)
            (path, name) = CopyPath.Follow(path, CopyPath.Join(path, link.LinkTarget));
        var (status, archive) = files.CopyOut(container, path);
        using (archive)
        {
            if (destination == "-")
            {
                using var output = DescriptorStream.Standard(1);
                archive.CopyTo(output, 256 << 10);
                return ExitCodes.Success;
            }

            var meter = new CopyMeter(invocation.Error, "Copying from container", IsQuiet(invocation));
            try
            {
                Unpack(meter.Through(archive), new CopySide(path, true, status.IsDirectory, name), destination);
            }
            catch
            {
                meter.Clear();
                throw;
            }

            meter.Done(destination);
        }

        return ExitCodes.Success;
    }

    private static int In(Invocation invocation, string path, string container, string destination)
    {
        var files = invocation.Client.Files;
        var at = destination;
        var there = FindStatus(files, container, at);
        if (there is { IsSymlink: true })
        {
            at = CopyPath.Join(at, there.LinkTarget);
            there = FindStatus(files, container, at);
        }

        if (there is { IsDevice: true })
            throw new FlagException($"destination \"{container}:{destination}\" must be a directory or a regular file: got a device");
        var target = new CopySide(at, there is not null, there?.IsDirectory == true);
        var owners = invocation.Flags.Bool("archive");
        if (path == "-")
        {
            if (!target.IsDirectory)
                throw new FlagException($"destination \"{container}:{destination}\" must be a directory");
            using var input = DescriptorStream.Standard(0);
            files.CopyIn(container, at, body => input.CopyTo(body, 256 << 10), owners);
            return ExitCodes.Success;
        }

        var source = LocalSide.Source(LocalSide.Absolute(path), invocation.Flags.Bool("follow-link"));
        var (directory, name) = CopySide.Plan(source, target);
        var meter = new CopyMeter(invocation.Error, "Copying to container", IsQuiet(invocation));
        try
        {
            files.CopyIn(container, directory, body => Pack(source, name, meter.Through(body)), owners);
        }
        catch
        {
            meter.Clear();
            throw;
        }

        meter.Done($"{container}:{at}");
        return ExitCodes.Success;
    }

    // Unless somebody says otherwise, only people at a terminal are told.
    private static bool IsQuiet(Invocation invocation) =>
        invocation.Flags.Changed("quiet") ? invocation.Flags.Bool("quiet") : !Terminals.IsTerminal(1);

    private static PathStatus? FindStatus(FileCalls files, string container, string path)
    {
        try
        {
            return files.Status(container, path);
        }
        catch (GantryException e) when (e.Kind is ErrorKind.NotFound or ErrorKind.Invalid)
        {
            // Nothing is there yet, or no such container: the copy itself will say so.
            return null;
        }
    }

    // The archive's entries begin with the name of what was asked for; they get the one that they are to have here.
    private static void Unpack(Stream archive, CopySide source, string destination)
    {
        var (directory, name) = CopySide.Plan(source, LocalSide.Destination(destination));
        var own = Encoding.UTF8.GetBytes(CopyPath.Split(source.Path).Entry is var entry && entry == "/" ? "" : entry);
        var given = Encoding.UTF8.GetBytes(name == "/" ? "" : name);
        using var root = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        using var reader = new TarReader(archive);
        using var extraction = new TreeExtraction(root, "", new ExtractionOptions
        {
            KeepDirectories = true,
            WithOwners = false,
            Rewrite = own.AsSpan().SequenceEqual(given) ? null : e =>
            {
                e.Name = Renamed(e.Name, own, given);
                if (e.Kind == TarEntryKind.HardLink)
                    e.LinkName = Renamed(e.LinkName, own, given);
            },
        });
        extraction.Write(reader, CancellationToken.None);
        reader.Drain();
    }

    private static byte[] Renamed(byte[] path, byte[] from, byte[] to) =>
        path.AsSpan().StartsWith(from) && (path.Length == from.Length || path[from.Length] == '/') ? [.. to, .. path.AsSpan(from.Length)] : path;

    private static void Pack(CopySide source, string name, Stream body)
    {
        var writer = new TarWriter(body);
        var tree = new TreeArchive(writer, CancellationToken.None);
        var (directory, entry) = CopyPath.Split(source.Path);
        using (var parent = Files.Open(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY))
        {
            if (entry is "." or "/")
                tree.AddDirectory(parent, name == "/" ? "/"u8.ToArray() : Encoding.UTF8.GetBytes(name));
            else
                tree.Add(parent, [.. Encoding.UTF8.GetBytes(entry), 0], Encoding.UTF8.GetBytes(name));
        }

        writer.Finish();
    }

    private static IReadOnlyList<Flag> Flags() =>
    [
        new("archive", FlagKind.Bool, "Archive mode (copy all uid/gid information)", 'a'),
        new("follow-link", FlagKind.Bool, "Always follow symbol link in SRC_PATH", 'L'),
        new("quiet", FlagKind.Bool, "Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached", 'q'),
    ];
}
