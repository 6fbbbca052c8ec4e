using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>Writes a writable layer as an image's layer: overlayfs's marks become whiteout files.</summary>
/// <remarks>Source: image-spec layer.md, "Whiteouts"; kernel Documentation/filesystems/overlayfs.rst.</remarks>
internal sealed class LayerArchive(TarWriter writer, LowerChain lower, CancellationToken cancellationToken)
{
    /// <summary>Bytes of file content written so far.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>Sets times; null: they stay as they are.</summary>
    public LayerTimes? Times { get; init; }

    /// <summary>Writes everything in a layer's directory, without an entry for the root itself.</summary>
    public void Add(Fd upper)
    {
        var tree = new TreeArchive(writer, cancellationToken) { Filter = Translate };
        tree.AddDirectory(upper, [], itself: false);
        ContentBytes += tree.ContentBytes;
    }

    private bool Translate(TarEntry entry, InodeStatus status)
    {
        if (Times is not null)
            entry.Modified = Times.Of(entry.Name, entry.Modified);
        if (status.IsWhiteout)
        {
            var slash = entry.Name.AsSpan().LastIndexOf((byte)'/') + 1;
            Mark([.. entry.Name.AsSpan(..slash), .. ".wh."u8, .. entry.Name.AsSpan(slash)], entry);
            return false;
        }

        var opaque = entry.Xattrs?.Exists(x => x is { Key: OverlayMarks.Opaque, Value: [(byte)'y'] }) == true;
        entry.Xattrs?.RemoveAll(x => OverlayMarks.IsOverlays(x.Key));
        if (!opaque || lower.Find(Encoding.Latin1.GetString(entry.Name).TrimEnd('/')) is not { Status.IsDirectory: true })
            return true;
        writer.Begin(entry);
        Mark([.. entry.Name, .. ".wh..wh..opq"u8], entry);
        return false;
    }

    private void Mark(byte[] name, TarEntry of) =>
        writer.Begin(new() { Kind = TarEntryKind.File, Name = name, Mode = 0x180, Modified = of.Modified });
}
