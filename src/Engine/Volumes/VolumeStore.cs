using System.Security.Cryptography;
using System.Text;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Engine.Volumes;

/// <summary>
/// The volumes of the <c>local</c> driver: <c>DIRECTORY/NAME/_data</c> is what containers mount, <c>DIRECTORY/NAME/volume.json</c>
/// what is known of it. A volume appears and disappears by one rename, so that no crash leaves half of one.
/// </summary>
public sealed class VolumeStore : IDisposable
{
    private const uint ClosedMode = 0x1C1; // 0701: others pass through to _data, and list nothing.
    private const uint DataMode = 0x1ED; // 0755
    private const string Unfinished = ".new-";
    private const string Removed = ".gone-";
    private const string RecordFile = "volume.json";
    private const string DataDirectory = "_data";

    private readonly string _directory;
    private readonly Fd _root;
    private readonly TimeProvider _time;
    private readonly Lock _changing = new();

    private VolumeStore(string directory, Fd root, TimeProvider time)
    {
        _directory = directory;
        _root = root;
        _time = time;
    }

    /// <summary>Closes the directory; the volumes stay.</summary>
    public void Dispose() => _root.Dispose();

    /// <summary>Opens the directory of all volumes, making it when it is missing; what a crash left unfinished goes.</summary>
    /// <exception cref="GantryException">Internal: the directory cannot be used.</exception>
    public static VolumeStore Open(string directory, TimeProvider time)
    {
        var result = Files.TryMkdirAt(null, directory, ClosedMode);
        if (result is not (0 or -Errno.EEXIST))
            throw Failed("make", directory, result);
        var root = Files.Open(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        var store = new VolumeStore(directory, root, time);
        foreach (var name in store.Names(name => name.StartsWith(Unfinished, StringComparison.Ordinal) || name.StartsWith(Removed, StringComparison.Ordinal)))
            DirectoryTree.Remove(root, Bytes(name));
        return store;
    }

    /// <summary>The label by which clients tell anonymous volumes.</summary>
    /// <remarks>Source: moby volume/service, AnonymousLabel.</remarks>
    public const string AnonymousLabel = "com.docker.volume.anonymous";

    /// <summary>The volume of a name, made when there is none.</summary>
    /// <param name="name">Null makes an anonymous one, named by 64 hexadecimal digits.</param>
    /// <param name="labels">For a volume that is made.</param>
    /// <param name="options">Driver options; none are supported.</param>
    /// <param name="ids">The mapping of the containers it is made for; null: none.</param>
    /// <param name="created">True when it was made.</param>
    /// <exception cref="GantryException">Invalid: in Docker's words, a name that is none. NotSupported: options. Exhausted: no space left.</exception>
    public VolumeRecord Ensure(string? name, IReadOnlyDictionary<string, string>? labels, IReadOnlyDictionary<string, string>? options, IdMap? ids, out bool created)
    {
        if (name is not null && VolumeNames.Problem(name) is { } problem)
            throw GantryException.Of(ErrorKind.Invalid, problem);
        if (options is { Count: > 0 })
            throw GantryException.Of(ErrorKind.NotSupported, $"volume option \"{options.Keys.First()}\" is not supported: mount the file system on the host and use a bind mount (-v /path:/path)");

        lock (_changing)
        {
            created = false;
            if (name is not null && Find(name) is { } known)
                return known;
            var record = new VolumeRecord
            {
                Name = name ?? RandomNumberGenerator.GetHexString(64, lowercase: true),
                Mountpoint = "",
                CreatedAt = _time.GetUtcNow(),
                Labels = name is null ? new Dictionary<string, string>(labels ?? new Dictionary<string, string>()) { [AnonymousLabel] = "" } : labels ?? new Dictionary<string, string>(),
                Anonymous = name is null,
                Ids = ids ?? IdMap.Identity,
            };
            record = record with { Mountpoint = PathOf(record.Name) };
            Make(record);
            created = true;
            return record;
        }
    }

    /// <summary>The volume of a name, or null.</summary>
    /// <exception cref="GantryException">Internal: what is known of it cannot be read.</exception>
    public VolumeRecord? Find(string name)
    {
        if (VolumeNames.Problem(name) is not null)
            return null;
        var result = Files.TryOpenAt(_root, $"{name}/{RecordFile}", OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0, out var file);
        if (result is -Errno.ENOENT or -Errno.ENAMETOOLONG)
            return null;
        if (result < 0)
            throw Failed("read", $"{_directory}/{name}/{RecordFile}", result);
        using (file)
            return VolumeRecordJson.Read(Files.ReadToEnd(file!), name, PathOf(name));
    }

    /// <summary>All volumes, by name.</summary>
    public IReadOnlyList<VolumeRecord> List() => [.. Names(name => name[0] != '.').Select(Find).OfType<VolumeRecord>()];

    /// <summary>Removes a volume that nobody uses, with its content; false when there is none.</summary>
    public bool Remove(string name)
    {
        lock (_changing)
        {
            if (Find(name) is null)
                return false;
            // Hidden first: from here on it is gone, and a crash only leaves something to be swept up.
            var hidden = $"{Removed}{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
            var result = Files.TryRenameAt(_root, name, _root, hidden);
            if (result < 0)
                throw Failed("remove", $"{_directory}/{name}", result);
            DirectoryTree.Remove(_root, Bytes(hidden));
            return true;
        }
    }

    /// <summary>Copies what an image has at a path into an empty volume, with the directory's own owner and mode.</summary>
    /// <param name="volume">The volume; one that holds anything is left as it is.</param>
    /// <param name="imageRoot">The image's root file system. What it holds is hostile; no link in it leads out.</param>
    /// <param name="containerPath">Where the volume will be mounted.</param>
    /// <returns>True when something was copied; false when the volume was not empty or the image has no directory there.</returns>
    /// <exception cref="GantryException">Exhausted: no space left; the volume is empty again. Internal: the kernel refuses.</exception>
    public bool CopyUp(VolumeRecord volume, Fd imageRoot, string containerPath)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (Kernel.Paths.SafePath.TryOpenInRoot(imageRoot, containerPath, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var source) < 0)
            return false;
        using (source)
        using (var target = Files.OpenAt(_root, $"{volume.Name}/{DataDirectory}", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW))
        {
            var entries = new List<byte[]>();
            if (Inodes.List(target, entries) < 0 || entries.Count > 0)
                return false;
            try
            {
                DirectoryCopy.Copy(source!, target, volume.Ids);
                return true;
            }
            catch
            {
                // Half a copy would pass for the volume's own content next time.
                DirectoryTree.Clear(target);
                throw;
            }
        }
    }

    /// <summary>What the files of a volume take on disk, in bytes.</summary>
    public long SizeOf(string name)
    {
        if (VolumeNames.Problem(name) is not null || Files.TryOpenAt(_root, $"{name}/{DataDirectory}", OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out var data) < 0)
            return 0;
        using (data)
            return DirectoryTree.SizeOf(data!);
    }

    private void Make(VolumeRecord record)
    {
        var temporary = Unfinished + record.Name;
        var step = MakeDirectory(_root, temporary, ClosedMode, out var directory);
        if (step < 0)
            throw Failed("make", $"{_directory}/{record.Name}", step);
        using (directory)
        {
            step = MakeDirectory(directory!, DataDirectory, DataMode, out var data);
            if (step == 0 && !record.Ids.IsIdentity)
                step = Inodes.ChangeOwner(data!, record.Ids.Root.Uid, record.Ids.Root.Gid);
            data?.Dispose();
            if (step == 0)
                step = Files.TryOpenAt(directory, RecordFile, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0x180 /* 0600 */, out var file) is var opened && opened < 0 ? opened : Write(file!, record);
            if (step == 0)
                step = Files.TryRenameAt(_root, temporary, _root, record.Name);
        }

        if (step < 0)
        {
            DirectoryTree.Remove(_root, Bytes(temporary));
            throw Failed("make", $"{_directory}/{record.Name}", step);
        }
    }

    private static int Write(Fd file, VolumeRecord record)
    {
        using (file)
            return Inodes.Write(file, VolumeRecordJson.Write(record));
    }

    private static int MakeDirectory(Fd parent, string name, uint mode, out Fd? directory)
    {
        directory = null;
        var result = Files.TryMkdirAt(parent, name, mode);
        if (result == 0)
            result = Files.TryOpenAt(parent, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW, 0, out directory);
        // The umask took its part from mkdir's mode.
        return result < 0 ? result : Files.TryChmod(directory!, mode);
    }

    private IEnumerable<string> Names(Func<string, bool> wanted) =>
        Directory.EnumerateDirectories(_directory).Select(path => Path.GetFileName(path)).Where(wanted).Order(StringComparer.Ordinal);

    private string PathOf(string name) => $"{_directory}/{name}/{DataDirectory}";

    private static byte[] Bytes(string name) => [.. Encoding.UTF8.GetBytes(name), 0];

    private static GantryException Failed(string what, string path, int result) =>
        GantryException.Of(result == -Errno.ENOSPC ? ErrorKind.Exhausted : ErrorKind.Internal, $"cannot {what} volume directory {path}: {Errno.Text(-result)} ({Errno.Name(-result)})");
}
