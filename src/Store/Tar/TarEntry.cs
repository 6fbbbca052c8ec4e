using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>One entry of a tar archive, with all extension headers applied. Names are raw bytes, as the archive has them.</summary>
public sealed class TarEntry
{
    public TarEntryKind Kind { get; internal set; }

    /// <summary>As written: it may be absolute or hold "..". Never empty; has no NUL.</summary>
    public byte[] Name { get; internal set; } = [];

    /// <summary>A link's target, as written.</summary>
    public byte[] LinkName { get; internal set; } = [];

    /// <summary>Permissions with set-id and sticky bits.</summary>
    public uint Mode { get; internal set; }

    public uint Uid { get; internal set; }

    public uint Gid { get; internal set; }

    /// <summary>Bytes of content in the archive.</summary>
    public long StoredSize { get; internal set; }

    /// <summary>Bytes of the file: more than stored when it is sparse.</summary>
    public long Size { get; internal set; }

    public FileTime Modified { get; internal set; }

    /// <summary>Null when the archive does not tell.</summary>
    public FileTime? Accessed { get; internal set; }

    public uint DeviceMajor { get; internal set; }

    public uint DeviceMinor { get; internal set; }

    /// <summary>Extended attributes; null when there are none.</summary>
    public List<KeyValuePair<string, byte[]>>? Xattrs { get; internal set; }

    /// <summary>Where the stored bytes belong, in order; null when the file is not sparse.</summary>
    public List<SparseRun>? Sparse { get; internal set; }
}
