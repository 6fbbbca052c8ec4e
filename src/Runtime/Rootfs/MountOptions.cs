using Gantry.Model;
using static Gantry.Kernel.Sys.MountFlags;

namespace Gantry.Runtime.Rootfs;

/// <summary>The options of one mount, sorted by what the kernel takes them for. Source: runtime-spec config.md, mount(8), runc libcontainer/specconv.</summary>
internal sealed record MountOptions
{
    private const string SubdirectoryOption = "X-mount.subdir=";

    /// <summary>MOUNT_ATTR_* to set on this mount.</summary>
    public ulong Set { get; private set; }

    /// <summary>MOUNT_ATTR_* that were asked to be off.</summary>
    public ulong Clear { get; private set; }

    /// <summary>MOUNT_ATTR_* to set on this mount and all below (<c>rro</c>, <c>rnosuid</c>, …).</summary>
    public ulong RecursiveSet { get; private set; }

    /// <summary>MOUNT_ATTR_* to clear on this mount and all below.</summary>
    public ulong RecursiveClear { get; private set; }

    /// <summary>MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE; 0: none asked for.</summary>
    public ulong Propagation { get; private set; }

    public bool PropagationRecursive { get; private set; }

    public bool Bind { get; private set; }

    /// <summary>A bind mount takes the mounts below its source along.</summary>
    public bool BindRecursive { get; private set; }

    public bool Remount { get; private set; }

    /// <summary>The image's files below the mount point are copied into the tmpfs.</summary>
    public bool CopyUp { get; private set; }

    /// <summary>The mapping applies to the mounts below too.</summary>
    public bool MapRecursive { get; private set; }

    /// <summary>An id mapping was asked for by option: the container's own.</summary>
    public bool Map { get; private set; }

    /// <summary>A directory or file below the source's root to be mounted instead of it; null: the root. Source: mount(8), <c>X-mount.subdir</c>.</summary>
    public string? Subdirectory { get; private set; }

    /// <summary>Flags of the superblock (<c>sync</c>, <c>dirsync</c>, <c>lazytime</c>, <c>mand</c>), in the mount API's words.</summary>
    public List<string> SuperblockFlags { get; } = [];

    /// <summary>What only the file system understands.</summary>
    public List<string> Data { get; } = [];

    /// <summary>Whether the mount shall be read-only.</summary>
    public bool ReadOnly => (Set & MOUNT_ATTR_RDONLY) != 0;

    /// <summary>The attributes that mount_setattr clears with <see cref="Set"/>: an atime value replaces the other.</summary>
    public ulong ClearMask => Clear | ((Set & MOUNT_ATTR__ATIME) != 0 || (Clear & MOUNT_ATTR__ATIME) != 0 ? MOUNT_ATTR__ATIME : 0);

    /// <summary>Sorts options; a later one wins over an earlier one.</summary>
    /// <exception cref="GantryException">Invalid: two kinds of propagation.</exception>
    public static MountOptions Parse(IReadOnlyList<string>? options)
    {
        var parsed = new MountOptions();
        foreach (var option in options ?? []) parsed.Add(option);
        return parsed;
    }

    /// <summary>The MOUNT_ATTR_* as flags of mount(2).</summary>
    public ulong ToMountFlags()
    {
        ulong flags = 0;
        if ((Set & MOUNT_ATTR_RDONLY) != 0) flags |= MS_RDONLY;
        if ((Set & MOUNT_ATTR_NOSUID) != 0) flags |= MS_NOSUID;
        if ((Set & MOUNT_ATTR_NODEV) != 0) flags |= MS_NODEV;
        if ((Set & MOUNT_ATTR_NOEXEC) != 0) flags |= MS_NOEXEC;
        if ((Set & MOUNT_ATTR_NODIRATIME) != 0) flags |= MS_NODIRATIME;
        if ((Set & MOUNT_ATTR_NOSYMFOLLOW) != 0) flags |= MS_NOSYMFOLLOW;
        if ((Set & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME) flags |= MS_NOATIME;
        if ((Set & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME) flags |= MS_STRICTATIME;
        return flags;
    }

    private static ulong AttributeOf(string name, out bool set)
    {
        set = true;
        switch (name)
        {
            case "ro": return MOUNT_ATTR_RDONLY;
            case "nosuid": return MOUNT_ATTR_NOSUID;
            case "nodev": return MOUNT_ATTR_NODEV;
            case "noexec": return MOUNT_ATTR_NOEXEC;
            case "nodiratime": return MOUNT_ATTR_NODIRATIME;
            case "nosymfollow": return MOUNT_ATTR_NOSYMFOLLOW;
            case "noatime": return MOUNT_ATTR_NOATIME;
            case "strictatime": return MOUNT_ATTR_STRICTATIME;
        }

        set = false;
        return name switch
        {
            "rw" => MOUNT_ATTR_RDONLY,
            "suid" => MOUNT_ATTR_NOSUID,
            "dev" => MOUNT_ATTR_NODEV,
            "exec" => MOUNT_ATTR_NOEXEC,
            "diratime" => MOUNT_ATTR_NODIRATIME,
            "symfollow" => MOUNT_ATTR_NOSYMFOLLOW,
            "atime" or "relatime" or "norelatime" or "nostrictatime" => MOUNT_ATTR__ATIME,
            _ => 0,
        };
    }

    private void Add(string option)
    {
        switch (option)
        {
            case "" or "defaults" or "loud" or "silent" or "iversion" or "noiversion" or "newinstance":
                return;
            case "bind":
                Bind = true;
                return;
            case "rbind":
                Bind = BindRecursive = true;
                return;
            case "remount":
                Remount = true;
                return;
            case "tmpcopyup":
                CopyUp = true;
                return;
            case "idmap":
                Map = true;
                return;
            case "ridmap":
                Map = MapRecursive = true;
                return;
            case "sync" or "dirsync" or "lazytime" or "mand":
                SuperblockFlags.Add(option);
                return;
            case "async" or "nolazytime" or "nomand":
                SuperblockFlags.Remove(option == "async" ? "sync" : option[2..]);
                return;
            case "shared" or "slave" or "private" or "unbindable" or "rshared" or "rslave" or "rprivate" or "runbindable":
                PropagationRecursive = option[0] == 'r';
                Propagation = PropagationOf(option);
                return;
        }

        if (option.StartsWith(SubdirectoryOption, StringComparison.Ordinal))
        {
            Subdirectory = option[SubdirectoryOption.Length..];
            return;
        }

        var attribute = AttributeOf(option, out var set);
        if (attribute != 0)
        {
            Set = set ? (Set & ~Conflicting(attribute)) | attribute : Set & ~attribute;
            Clear = set ? Clear & ~attribute : Clear | attribute;
            return;
        }

        if (option[0] == 'r' && (attribute = AttributeOf(option[1..], out set)) != 0)
        {
            RecursiveSet = set ? (RecursiveSet & ~Conflicting(attribute)) | attribute : RecursiveSet & ~attribute;
            RecursiveClear = set ? RecursiveClear & ~attribute : RecursiveClear | attribute;
            return;
        }

        Data.Add(option);
    }

    /// <summary>The propagation flag of an option or of <c>rootfsPropagation</c>; 0 when it is none.</summary>
    public static ulong PropagationOf(string option) => option.TrimStart('r') switch
    {
        "shared" => MS_SHARED,
        "slave" => MS_SLAVE,
        "private" => MS_PRIVATE,
        "unbindable" => MS_UNBINDABLE,
        _ => 0,
    };

    private static ulong Conflicting(ulong attribute) => (attribute & MOUNT_ATTR__ATIME) != 0 ? MOUNT_ATTR__ATIME : 0;
}
