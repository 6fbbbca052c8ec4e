using System.Text;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Hands results' files, or an image as an archive, to the client.</summary>
internal sealed class OutputExport(ContentStore content, BuildTrees trees, IBuildSession session, string scratch)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Rwxr_xr_x = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const uint Rw_r__r__ = 0x1A4;
    private const string OverlayAttributes = "trusted.overlay.";

    /// <summary>The files as they are in the image (<c>type=local</c>), those of several platforms in directories of their own.</summary>
    /// <exception cref="GantryException">Invalid: platforms' files, or what is said of them, would take one another's place.</exception>
    public async Task SendFilesAsync(IReadOnlyList<BuiltImage> images, BuildOutput output, ExportOptions options, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(scratch, Path.GetRandomFileName());
        Directory.CreateDirectory(copy, Private);
        try
        {
            await Threads.RunAsync(() =>
            {
                foreach (var part in Parts(images, options))
                {
                    var folder = Path.Combine(copy, part.Folder);
                    Directory.CreateDirectory(folder, Rwxr_xr_x);
                    using var root = trees.Open(part.Image.Tree);
                    part.Claim(root, cancellationToken);
                    using var from = Files.Open(root.ProcPath, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
                    using var to = Files.Open(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
                    new TreeCopier(new CopyRules(), cancellationToken).Content(from, to);
                    foreach (var (name, statement) in part.Statements(root, cancellationToken))
                        Write(to, name, statement);
                }
            });
            await session.SendDirectoryAsync(output, copy, cancellationToken);
        }
        finally
        {
            Trees.TryRemove(copy);
        }
    }

    /// <summary>The files as an archive (<c>type=tar</c>).</summary>
    /// <exception cref="GantryException">As for <see cref="SendFilesAsync"/>.</exception>
    public Task SendTarAsync(IReadOnlyList<BuiltImage> images, BuildOutput output, ExportOptions options, CancellationToken cancellationToken) => SendAsync(
        output,
        to =>
        {
            var writer = new TarWriter(to);
            foreach (var part in Parts(images, options))
            {
                using var root = trees.Open(part.Image.Tree);
                part.Claim(root, cancellationToken);
                new TreeArchive(writer, cancellationToken) { Filter = LeaveOutMarks }.AddDirectory(root, Encoding.UTF8.GetBytes(part.Folder), itself: part.Folder.Length > 0);
                foreach (var (name, statement) in part.Statements(root, cancellationToken))
                {
                    writer.Begin(new TarEntry { Kind = TarEntryKind.File, Name = Encoding.UTF8.GetBytes(part.Folder.Length > 0 ? $"{part.Folder}/{name}" : name), Mode = Rw_r__r__, Size = statement.Length, StoredSize = statement.Length });
                    writer.Content(statement);
                }
            }

            writer.Finish();
        },
        cancellationToken);

    /// <summary>An image as an OCI layout (<c>type=oci</c>, <c>type=docker</c>).</summary>
    /// <param name="withList">With the list that <c>docker load</c> reads.</param>
    public Task SendImageAsync(ImagePackage package, IReadOnlyList<ImageReference> names, BuildOutput output, bool withList, CancellationToken cancellationToken) =>
        SendAsync(output, to => new LayoutWriter(content, to, cancellationToken).Write(package, names, withList), cancellationToken);

    /// <summary>An image's blobs to a client that makes a layout of them (<c>tar=false</c>): it writes the index of it, as <see cref="BuildOutcome.Metadata"/> says.</summary>
    /// <returns>False: the client takes archives only.</returns>
    public async Task<bool> SendBlobsAsync(ImagePackage package, BuildOutput output, CancellationToken cancellationToken)
    {
        foreach (var blob in package.Blobs.Concat(package.Documents))
        {
            await using var stream = content.Blobs.Open(blob.Digest);
            if (!await session.SendBlobAsync(output, blob, stream, cancellationToken))
                return false;
        }

        return true;
    }

    // Through a file: what fails half-way has sent nothing.
    private async Task SendAsync(BuildOutput output, Action<Stream> write, CancellationToken cancellationToken)
    {
        var path = Path.Combine(scratch, Path.GetRandomFileName());
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        await Threads.RunAsync(() => write(file));
        file.Position = 0;
        await session.SendArchiveAsync(output, file, cancellationToken);
    }

    // What overlayfs writes on a layer's directories is this machine's matter.
    private static bool LeaveOutMarks(TarEntry entry, InodeStatus status)
    {
        entry.Xattrs?.RemoveAll(static attribute => attribute.Key.StartsWith(OverlayAttributes, StringComparison.Ordinal));
        return true;
    }

    private static IEnumerable<Part> Parts(IReadOnlyList<BuiltImage> images, ExportOptions options)
    {
        var split = options.SplitPlatforms ?? images.Count > 1;
        var owners = split || images.Count == 1 ? null : new Dictionary<string, string>(StringComparer.Ordinal);
        return images.Select(image => new Part(image, split ? image.FolderName : "", options.AttestationPrefix, owners));
    }

    // The result may have a link of this name, to anywhere.
    private static void Write(Fd directory, string name, byte[] content)
    {
        var failed = Files.TryOpenAt(directory, name, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC, Rw_r__r__, out var file);
        if (failed == -Errno.EEXIST)
            throw GantryException.Of(ErrorKind.Invalid, $"the result has a file {name} of its own, where what is said of it should go: choose other names with attestation-prefix=");
        if (failed < 0)
            throw new SyscallException("openat", -failed, name);
        using (file)
            Files.WriteAll(file!, content);
    }

    /// <summary>One platform's files.</summary>
    /// <param name="Folder">Where they go; empty: to the top.</param>
    /// <param name="Owners">Whose the files are that were sent already; null: nobody else's can be in the way.</param>
    private sealed record Part(BuiltImage Image, string Folder, string Prefix, Dictionary<string, string>? Owners)
    {
        /// <summary>Takes the names of a tree's files.</summary>
        public void Claim(Fd root, CancellationToken cancellationToken)
        {
            if (Owners is null)
                return;
            using var listing = new TreeListing(root.ProcPath + "/.");
            foreach (var (entry, status) in listing.List())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!status.IsDirectory && !Owners.TryAdd(entry.Path, Image.Platform))
                    throw GantryException.Of(ErrorKind.Invalid, $"cannot overwrite {entry.Path} from {Owners[entry.Path]} with {Image.Platform} when split is disabled: leave platform-split=false out");
            }
        }

        /// <summary>What is said of the files, by the names of the files that say it.</summary>
        public IEnumerable<(string Name, byte[] Statement)> Statements(Fd root, CancellationToken cancellationToken)
        {
            List<Predicate> told = [.. Image.Predicates.Where(static p => !p.InlineOnly)];
            if (told.Count == 0)
                return [];
            var subjects = FileSubjects.Of(root.ProcPath + "/.", cancellationToken);
            return told.Select(predicate => (Prefix + NameOf(predicate.FileName), Statement.Write(predicate, subjects)));
        }

        private string NameOf(string file) => Owners is null ? file : $"{Path.GetFileNameWithoutExtension(file)}.{Image.FolderName}{Path.GetExtension(file)}";
    }
}
