using Gantry.Kernel.Sys;

namespace Gantry.Archive;

/// <summary>One entry of a tar archive, with what extension headers say of it. Names are raw bytes, as the archive has them.</summary>
public sealed class TarEntry
{
    public TarEntryKind Kind { get; set; }

    /// <summary>As written: it may be absolute or hold "..". Never empty; has no NUL.</summary>
    public byte[] Name { get; set; } = [];

    /// <summary>A link's target, as written.</summary>
    public byte[] LinkName { get; set; } = [];

    /// <summary>Permissions with set-id and sticky bits.</summary>
    public uint Mode { get; set; }

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    /// <summary>Bytes of content in the archive.</summary>
    public long StoredSize { get; set; }

    /// <summary>Bytes of the file: more than stored when it is sparse.</summary>
    public long Size { get; set; }

    public FileTime Modified { get; set; }

    /// <summary>Null when the archive does not tell.</summary>
    public FileTime? Accessed { get; set; }

    public uint DeviceMajor { get; set; }

    public uint DeviceMinor { get; set; }

    /// <summary>Extended attributes; null when there are none.</summary>
    public List<KeyValuePair<string, byte[]>>? Xattrs { get; set; }

    /// <summary>Where the stored bytes belong, in order; null when the file is not sparse.</summary>
    public List<SparseRun>? Sparse { get; set; }
}
