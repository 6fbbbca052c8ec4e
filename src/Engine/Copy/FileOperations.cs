using System.Text;
using Gantry.Archive;
using Gantry.Engine.Composition;
using Gantry.Engine.Containers;
using Gantry.Engine.Operations;
using Gantry.Engine.Planning;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Store;

namespace Gantry.Engine.Copy;

/// <summary>What a client can do with the files of containers: look, copy out, copy in. Containers may run or not.</summary>
/// <remarks>Source: moby daemon/archive_unix.go. Attacks that it answers: CVE-2018-15664, CVE-2019-14271; see <see cref="TreeExtraction"/>.</remarks>
public sealed class FileOperations
{
    private readonly EngineParts _parts;

    internal FileOperations(EngineParts parts) => _parts = parts;

    /// <summary>What is at a path; a symbolic link at its end is not followed.</summary>
    /// <exception cref="GantryException">NotFound: no such container, or nothing there.</exception>
    public async Task<PathStatus> StatusAsync(string container, string path, CancellationToken cancellationToken)
    {
        var found = _parts.Containers.Get(container);
        var asked = PathInContainer.Parse(path);
        using var root = await ContainerRoot.OpenAsync(_parts, found, write: false, cancellationToken);
        try
        {
            return StatusOf(root.Directory, asked);
        }
        catch (SyscallException failure)
        {
            throw FileErrors.Of(failure, path, container);
        }
    }

    /// <summary>Opens a file, or a directory with all below it, for copying out.</summary>
    /// <exception cref="GantryException">NotFound: no such container, or nothing there.</exception>
    public async Task<ContainerArchive> OpenAsync(string container, string path, CancellationToken cancellationToken)
    {
        var found = _parts.Containers.Get(container);
        var asked = PathInContainer.Parse(path);
        var root = await ContainerRoot.OpenAsync(_parts, found, write: false, cancellationToken);
        try
        {
            var status = StatusOf(root.Directory, asked);
            var archive = new ContainerArchive(status, root, tree => Add(root.Directory, asked, status, tree), failure => FileErrors.Of(failure, path, container));
            _parts.Publish(found.Record, "archive-path");
            return archive;
        }
        catch (SyscallException failure)
        {
            root.Dispose();
            throw FileErrors.Of(failure, path, container);
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>Opens all files of a container, without its volumes, for copying out.</summary>
    public async Task<ContainerArchive> ExportAsync(string container, CancellationToken cancellationToken)
    {
        var found = _parts.Containers.Get(container);
        var root = await ContainerRoot.OpenAloneAsync(_parts, found, cancellationToken);
        _parts.Publish(found.Record, "export");
        // Entries are named from the root, without a slash before them; the root itself has none.
        return new(StatusOf(root.Directory, PathInContainer.Parse("/")), root, tree => tree.AddDirectory(root.Directory, [], itself: false), failure => FileErrors.Of(failure, "/", container));
    }

    /// <summary>What a container changed in its image's files, in the order of the paths.</summary>
    public async Task<IReadOnlyList<FilesystemChange>> ChangesAsync(string container, CancellationToken cancellationToken)
    {
        var found = _parts.Containers.Get(container);
        cancellationToken.ThrowIfCancellationRequested();
        var changes = await Threads.RunAsync(() => _parts.Snapshots.Changes(found.Id.ToString()));
        return [.. changes.Select(change => new FilesystemChange { Path = change.Path, Kind = (long)change.Kind })];
    }

    /// <summary>Unpacks an archive (plain, gzip or zstd) into a directory.</summary>
    /// <param name="archive">Read from a thread of its own; stays the caller's.</param>
    /// <exception cref="GantryException">NotFound: nothing at the path. Invalid: no directory there, a damaged archive, an entry that cannot be unpacked. Forbidden: read-only.</exception>
    public async Task ExtractAsync(string container, ExtractSpec spec, Stream archive, CancellationToken cancellationToken)
    {
        var found = _parts.Containers.Get(container);
        var asked = PathInContainer.Parse(spec.Path);
        using (var root = await ContainerRoot.OpenAsync(_parts, found, write: true, cancellationToken))
        {
            ExtractionOptions options;
            try
            {
                CheckDestination(root.Directory, asked, found);
                options = new ExtractionOptions { Owners = root.Owners, KeepDirectories = spec.NoOverwriteDirNonDir, Owner = spec.CopyUidGid ? OwnerOf(root.Directory, found) : null };
            }
            catch (SyscallException failure)
            {
                throw FileErrors.Of(failure, spec.Path, container);
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, root.Interrupted);
            try
            {
                await Threads.RunAsync(() => Extract(archive, root, asked, options, either.Token));
            }
            catch (OperationCanceledException) when (root.Interrupted.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw ContainerErrors.RemovalUnderWay(found.Name);
            }
        }

        _parts.Publish(found.Record, "extract-to-dir");
    }

    private static void Extract(Stream archive, ContainerRoot root, PathInContainer place, ExtractionOptions options, CancellationToken cancellationToken)
    {
        // The host's root is nobody on an id-mapped mount, and can make nothing there. The thread ends with this.
        if (root.RunsWith is { Root: var (uid, gid) })
            FileIdentity.Take(uid, gid);
        using var plain = Archives.Open(new BlockingStream(archive, cancellationToken));
        using var reader = new TarReader(plain);
        using var extraction = new TreeExtraction(root.Directory, place.Full, options);
        extraction.Write(reader, cancellationToken);
        // What follows the end is read, so that the client can send all it has and then read the answer.
        reader.Drain();
    }

    private static PathStatus StatusOf(Fd root, PathInContainer path)
    {
        using var directory = SafePath.OpenInRoot(root, path.Directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        var result = Inodes.Status(directory, path.IsDirectory ? Inodes.Empty : PathInContainer.Raw(path.Base), out var status);
        if (result < 0)
            throw new SyscallException("statx", -result, path.Full);
        var target = status.IsSymlink ? SafePath.Follow(root, path.Full) : "";
        return new(path.Name, status.Size, GoFileMode.Of(status.Mode), GoTime.Format(status.Modified), target);
    }

    // Entries are named after the path's last component; below the root, after nothing.
    private static void Add(Fd root, PathInContainer path, PathStatus status, TreeArchive tree)
    {
        var name = path.Name == "/" ? [] : Encoding.UTF8.GetBytes(path.Name);
        using var directory = SafePath.OpenInRoot(root, path.Directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
        if (path.IsDirectory)
            tree.AddDirectory(directory, path.Name == "/" ? "/"u8.ToArray() : name);
        else
            tree.Add(directory, PathInContainer.Raw(path.Base), name);
    }

    private static void CheckDestination(Fd root, PathInContainer path, Container container)
    {
        using var there = SafePath.OpenInRoot(root, path.Full, OpenFlags.O_PATH);
        if (!Files.Status(there).IsDirectory)
            throw FileErrors.NoDirectory();
        if (!Files.IsReadOnly(there))
            return;
        var resolved = SafePath.Follow(root, path.Full);
        throw container.Record.Mounts.Any(m => resolved == m.Destination || resolved.StartsWith(m.Destination + "/", StringComparison.Ordinal))
            ? FileErrors.ReadOnlyVolume()
            : FileErrors.ReadOnlyRoot();
    }

    // Looked up in the container's own files. NOTE: moby asks the host's; a name would then mean another user.
    private static (uint Uid, uint Gid)? OwnerOf(Fd root, Container container)
    {
        if (container.Record.Config.User is not { Length: > 0 } user)
            return null;
        var found = UserLookup.Find(user, [], TextOf(root, "etc/passwd"), TextOf(root, "etc/group"));
        return (found.Uid, found.Gid);
    }

    private static string TextOf(Fd root, string path) => Encoding.UTF8.GetString(SafePath.FindContent(root, path) ?? []);
}
