using System.Buffers;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>Hands a result's files, or the image as an archive, to the client.</summary>
internal sealed class OutputExport(ContentStore content, BuildTrees trees, IBuildSession session, string scratch)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The files as they are in the image (<c>type=local</c>).</summary>
    public async Task SendFilesAsync(BuildTree tree, BuildOutput output, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(scratch, Path.GetRandomFileName());
        Directory.CreateDirectory(copy, Private);
        try
        {
            await Threads.RunAsync(() =>
            {
                using var root = trees.Open(tree);
                using var from = Files.Open(root.ProcPath, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
                using var to = Files.Open(copy, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
                new TreeCopier(new CopyRules(), cancellationToken).Content(from, to);
            });
            await session.SendDirectoryAsync(output, copy, cancellationToken);
        }
        finally
        {
            Trees.TryRemove(copy);
        }
    }

    /// <summary>The files as an archive (<c>type=tar</c>).</summary>
    public Task SendTarAsync(BuildTree tree, BuildOutput output, CancellationToken cancellationToken) => SendAsync(
        output,
        to =>
        {
            using var root = trees.Open(tree);
            var writer = new TarWriter(to);
            new TreeArchive(writer, cancellationToken).AddDirectory(root, [], itself: false);
            writer.Finish();
        },
        cancellationToken);

    /// <summary>The image as an OCI layout, which <c>docker load</c> reads too (<c>type=oci</c>, <c>type=docker</c>).</summary>
    public Task SendImageAsync(ImageConfiguration configuration, IReadOnlyList<ImageReference> names, BuildOutput output, CancellationToken cancellationToken)
    {
        var document = new ArrayBufferWriter<byte>();
        ImageDocuments.Write(document, configuration);
        return SendAsync(output, to => new LayoutWriter(content, to, cancellationToken).Write(document.WrittenMemory, configuration.RootFs.DiffIds, names), cancellationToken);
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
}
