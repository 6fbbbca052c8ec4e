using Gantry.Archive;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Uploads;

/// <summary>The archives that clients send with their builds: each in a private directory, gone when its build ends.</summary>
public sealed class BuildUploads
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    internal BuildUploads(string root) => Root = root;

    /// <summary>Where they lie.</summary>
    public string Root { get; }

    /// <summary>Opens the place of uploads; what an engine that was killed left there is removed.</summary>
    internal static BuildUploads Open(string root)
    {
        Trees.TryRemove(root);
        Directory.CreateDirectory(root, Private);
        return new(root);
    }

    /// <summary>Unpacks an archive, plain or compressed with gzip, bzip2, xz or zstd.</summary>
    /// <param name="archive">Read from a thread of its own, to its end; stays the caller's. Null: the build brings no files.</param>
    /// <exception cref="GantryException">Invalid: no archive, or damaged, or it holds what no build may have. Exhausted: no space left.</exception>
    public async Task<BuildUpload> ReceiveAsync(Stream? archive, CancellationToken cancellationToken)
    {
        var upload = new BuildUpload(Directory.CreateDirectory(Path.Combine(Root, Guid.NewGuid().ToString("n")), Private).FullName);
        try
        {
            if (archive is not null)
                await Threads.RunAsync(() => Unpack(archive, upload.Root, cancellationToken));
            return upload;
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    private static void Unpack(Stream archive, string directory, CancellationToken cancellationToken)
    {
        var opened = Inodes.Open(null, [.. System.Text.Encoding.UTF8.GetBytes(directory), 0], Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var root);
        if (opened < 0)
            throw new SyscallException("open", -opened, directory);
        using (root)
        {
            try
            {
                using var plain = Archives.Open(new BlockingStream(archive, cancellationToken));
                using var reader = new TarReader(plain);
                // The owners that a client's files have mean nothing here: what is copied belongs to root, or to whom the Dockerfile says.
                using var extraction = new TreeExtraction(root, "/", new ExtractionOptions { WithOwners = false, Rewrite = Check });
                extraction.Write(reader, cancellationToken);
                reader.Drain();
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                throw GantryException.Of(ErrorKind.Invalid, $"the build context is damaged: {e.Message}", cause: e);
            }
        }
    }

    private static void Check(TarEntry entry)
    {
        // Whoever reads the context would open the device itself.
        if (entry.Kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice)
            throw GantryException.Of(ErrorKind.Invalid, $"the build context holds the device \"{System.Text.Encoding.UTF8.GetString(entry.Name)}\", which no image can be built of: leave it out by .dockerignore");
        // overlayfs takes attributes of its own names for orders (trusted.overlay.redirect), and labels are the host's policy.
        entry.Xattrs?.RemoveAll(static attribute => attribute.Key != "security.capability");
        // Whatever the archive says, the build must be able to read it.
        entry.Mode |= entry.Kind == TarEntryKind.Directory ? 0x1C0u : 0x100u;
    }
}
