using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Does what COPY, ADD and WORKDIR say, without running anything.</summary>
/// <remarks>Source: BuildKit solver/llbsolver/file/backend.go for what its steps make of files.</remarks>
internal sealed class FileStepRunner(BuildTrees trees, TreeDigest digests)
{
    private const uint Rwxr_xr_x = 0x1ED;

    /// <summary>Makes the step's tree.</summary>
    public async Task<StepResult> RunAsync(FileStep step, IReadOnlyList<StepResult> inputs, CancellationToken cancellationToken)
    {
        var below = step.Root is { } place ? BuildTree.Of(inputs[place]) : BuildTree.Empty;
        using var tree = trees.Begin(below, mountPoints: false);
        await Threads.RunAsync(() => Write(step, inputs, tree.Snapshot, cancellationToken));
        return await tree.CommitAsync(cancellationToken);
    }

    private void Write(FileStep step, IReadOnlyList<StepResult> inputs, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            SharedContents? shared = null;
            using (var root = BuildTrees.OpenWritable(snapshot))
            {
                // What else may write into a copy must not find it without its content.
                if (step.Actions.All(static action => action is CopyAction { Unpack: false, Mode: null } or MakeDirectoryAction) && step.Created is null)
                    shared = new SharedContents(snapshot.UpperPath, root, digests);
                foreach (var action in step.Actions)
                    Do(step, action, inputs, root, shared, cancellationToken);
            }

            shared?.Place();
        }
        catch (SyscallException failure)
        {
            throw GantryException.Of(failure.Number is Errno.ENOSPC or Errno.EDQUOT ? ErrorKind.Exhausted : ErrorKind.Invalid, $"{step.Name}: {failure.Message}", cause: failure);
        }
    }

    private void Do(FileStep step, FileAction action, IReadOnlyList<StepResult> inputs, Fd root, SharedContents? shared, CancellationToken cancellationToken)
    {
        switch (action)
        {
            case CopyAction copy:
                var tree = BuildTree.Of(inputs[copy.From]);
                using (var source = trees.Open(tree))
                    Copy(source, tree, root, copy, step.Created, shared, cancellationToken);
                break;
            case MakeDirectoryAction directory:
                MakeDirectory(root, directory.Path, (uint)directory.Mode, OwnerOf(root, directory.Owner)).Dispose();
                break;
            case MakeFileAction file:
                MakeFile(root, file);
                break;
            case RemoveAction remove:
                Remove(root, remove);
                break;
            default:
                throw new InvalidOperationException($"{action.GetType().Name} is not known");
        }
    }

    private static (uint Uid, uint Gid)? OwnerOf(Fd root, string? owner) => owner is null ? null : TreeOwner.Find(root, owner);

    private static void Copy(Fd source, BuildTree tree, Fd root, CopyAction copy, DateTimeOffset? created, SharedContents? shared, CancellationToken cancellationToken)
    {
        var rules = new CopyRules
        {
            Time = created,
            Owner = OwnerOf(root, copy.Owner) ?? (tree.OwnedByRoot ? (0u, 0u) : null),
            Mode = copy.Mode,
            Excludes = copy.Excludes.Count == 0 ? null : PatternMatcher.Parse(copy.Excludes),
        };
        // Files of layers stay where they are: a removed layer's would be counted, and taken away, with the other's.
        if (!tree.OwnedByRoot || rules.Owner != (0u, 0u))
            shared = null;
        if (copy.Parents)
        {
            CopyWithParents(source, root, copy, rules, shared, cancellationToken);
            return;
        }

        var found = copy.Sources.SelectMany(s => SourcePaths.Find(source, s, copy.HasWildcards)).ToList();
        var copier = new TreeCopier(rules, cancellationToken, shared);
        foreach (var path in found)
        {
            if (!path.IsDirectory && rules.Excludes?.Matches(RawPath.Name(path.Written)) == true)
                continue;
            if (path.IsDirectory)
            {
                CopyDirectory(source, path, root, copy.Destination, copier, rules);
            }
            else if (!copy.Unpack || !TryUnpack(source, path, root, copy.Destination, rules, cancellationToken))
            {
                CopyFile(source, path, root, copy.Destination, copier, rules);
            }
        }
    }

    // A directory's content goes into the destination, which gets nothing of the directory's own but its times, even where it is new.
    private static void CopyDirectory(Fd source, SourcePath path, Fd root, string destination, TreeCopier copier, CopyRules rules)
    {
        using var from = SourcePaths.Open(source, path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        using var to = EnsureDirectory(root, destination, rules);
        copier.Content(from, to);
    }

    // Of several files for one name the last one has it.
    private static void CopyFile(Fd source, SourcePath path, Fd root, string destination, TreeCopier copier, CopyRules rules)
    {
        var isDirectory = destination.EndsWith('/') || SafePath.FindStatus(root, destination)?.IsDirectory == true;
        var target = isDirectory ? RawPath.Name(path.Written) : RawPath.Name(destination);
        using var to = MakeDirectory(root, isDirectory ? destination : RawPath.Parent(destination), rules.ParentMode, rules.ParentOwner);
        using var from = SafePath.OpenInRoot(source, "/" + RawPath.Parent(path.Resolved), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        // A link at the place of the copy is followed, as a shell's redirection would, also where it leads to nothing yet.
        if (!isDirectory && SafePath.FindLink(to, target) is not null)
        {
            var real = SafePath.Follow(root, destination);
            using var there = MakeDirectory(root, RawPath.Parent(real), rules.ParentMode, rules.ParentOwner);
            copier.File(from, Raw(RawPath.Name(path.Resolved)), there, Raw(RawPath.Name(real)));
            return;
        }

        copier.File(from, Raw(RawPath.Name(path.Resolved)), to, Raw(target));
    }

    // "a/./b/c": what is behind the point is kept of the path; without one, all of it.
    private static void CopyWithParents(Fd source, Fd root, CopyAction copy, CopyRules rules, SharedContents? shared, CancellationToken cancellationToken)
    {
        foreach (var written in copy.Sources)
        {
            var pivot = written.IndexOf("/./", StringComparison.Ordinal);
            var start = pivot < 0 ? "" : GoPath.Clean("/" + written[..pivot])[1..];
            var rest = GoPath.Clean("/" + (pivot < 0 ? written : written[(pivot + 3)..]))[1..];
            if (!copy.HasWildcards || !GoPath.HasWildcards(written))
                SourcePaths.Find(source, RawPath.Join(start, rest), hasWildcards: false);
            var chosen = rules with { Includes = rest.Length == 0 ? null : PatternMatcher.Parse([rest]) };
            foreach (var from in SourcePaths.Find(source, start, copy.HasWildcards).Where(p => p.IsDirectory))
            {
                using var directory = SourcePaths.Open(source, from, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
                using var to = EnsureDirectory(root, copy.Destination, rules);
                new TreeCopier(chosen, cancellationToken, shared).Content(directory, to);
            }
        }
    }

    /// <summary>Unpacks a file that is an archive, by its content; false when it is none.</summary>
    private static bool TryUnpack(Fd source, SourcePath path, Fd root, string destination, CopyRules rules, CancellationToken cancellationToken)
    {
        using var file = SourcePaths.Open(source, path, OpenFlags.O_PATH);
        if (!IsArchive(file))
            return false;
        MakeDirectory(root, destination, rules.ParentMode, rules.ParentOwner).Dispose();
        using var reader = new TarReader(Archives.Open(System.IO.File.OpenRead(file.ProcPath)));
        using var extraction = new TreeExtraction(root, destination, new ExtractionOptions { Owner = rules.Owner is { } owner && owner != (0, 0) ? owner : null });
        extraction.Write(reader, cancellationToken);
        return true;
    }

    /// <summary>Whether a file is an archive, compressed or not, by its content.</summary>
    public static bool IsArchive(Fd file)
    {
        try
        {
            using var reader = new TarReader(Archives.Open(System.IO.File.OpenRead(file.ProcPath)));
            return reader.Next() is not null;
        }
        catch (Exception none) when (none is InvalidDataException or GantryException or EndOfStreamException or IOException or ZstdSharp.ZstdException)
        {
            return false;
        }
    }

    private static void MakeFile(Fd root, MakeFileAction file)
    {
        var owner = OwnerOf(root, file.Owner);
        var destination = file.Path.EndsWith('/') ? throw GantryException.Of(ErrorKind.Invalid, $"\"{file.Path}\" is no file's name") : file.Path;
        using var to = SafePath.EnsureDirectory(root, RawPath.Parent(destination), Rwxr_xr_x, owner ?? (0, 0));
        var name = Raw(RawPath.Name(destination));
        var removed = Inodes.Unlink(to, name);
        if (removed is -Errno.EISDIR or -Errno.EPERM)
            throw GantryException.Of(ErrorKind.Invalid, $"\"{destination}\" is a directory: a file cannot take its place");
        var opened = Inodes.Open(to, name, Inodes.WriteOnly | Inodes.Create | Inodes.Exclusive | Inodes.NoFollow, 0x180, out var made);
        Require(opened, "open", destination);
        using (made)
        {
            Require(Inodes.Write(made, file.Content.Span), "write", destination);
            Require(Inodes.ChangeOwner(made, owner?.Uid ?? 0, owner?.Gid ?? 0), "fchown", destination);
            Require(Inodes.ChangeMode(made, (uint)file.Mode), "fchmod", destination);
        }
    }

    private static void Remove(Fd root, RemoveAction remove)
    {
        if (SafePath.TryOpenInRoot(root, RawPath.Parent(remove.Path), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, out var parent) < 0)
        {
            if (remove.MayBeMissing)
                return;
            throw GantryException.Of(ErrorKind.NotFound, $"\"{remove.Path}\": not found");
        }

        using (parent)
        {
            if (!remove.MayBeMissing && Inodes.Status(parent, Raw(RawPath.Name(remove.Path)), out _) < 0)
                throw GantryException.Of(ErrorKind.NotFound, $"\"{remove.Path}\": not found");
            Require(Trees.Remove(parent, Raw(RawPath.Name(remove.Path))), "unlinkat", remove.Path);
        }
    }

    private static Fd EnsureDirectory(Fd root, string path, CopyRules rules)
    {
        if (SafePath.FindStatus(root, path) is { IsDirectory: false })
            throw GantryException.Of(ErrorKind.Invalid, $"cannot copy to non-directory: {path}");
        return MakeDirectory(root, path, rules.ParentMode, rules.ParentOwner);
    }

    private static Fd MakeDirectory(Fd root, string path, uint mode, (uint Uid, uint Gid)? owner)
    {
        try
        {
            return SafePath.EnsureDirectory(root, path, mode, owner);
        }
        catch (SyscallException failure) when (failure.Number == Errno.ENOTDIR)
        {
            var above = Above(path).FirstOrDefault(p => SafePath.FindStatus(root, p) is { IsDirectory: false }, path);
            throw GantryException.Of(ErrorKind.Invalid, $"mkdir {above}: not a directory", cause: failure);
        }
    }

    // "/a/b/c": "/a", "/a/b".
    private static IEnumerable<string> Above(string path)
    {
        for (var end = path.IndexOf('/', 1); end > 0; end = path.IndexOf('/', end + 1))
            yield return path[..end];
    }

    private static byte[] Raw(string name) => [.. Encoding.UTF8.GetBytes(name), 0];

    private static void Require(int result, string call, string path)
    {
        if (result < 0)
            throw new SyscallException(call, -result, path);
    }
}
