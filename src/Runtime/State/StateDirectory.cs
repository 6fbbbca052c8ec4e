using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;

namespace Gantry.Runtime.State;

/// <summary>
/// The directory of one container below the runtime's root: <c>state.json</c> (the record), <c>config.json</c> (as it was at
/// create), <c>exec.fifo</c> (while init waits for start) and <c>result.fifo</c> (what became of its execve). On a tmpfs: nothing
/// here has to survive a reboot, so nothing is synced.
/// </summary>
public sealed class StateDirectory
{
    private const uint DirectoryMode = 0x1C0; // 0700
    private const uint FileMode = 0x180; // 0600
    private const int LongestId = 1024;
    private readonly string _path;

    private StateDirectory(string path) => _path = path;

    /// <summary>Where init waits for <c>start</c>.</summary>
    public string GatePath => _path + "/exec.fifo";

    /// <summary>Where init says what became of execve.</summary>
    public string ResultPath => _path + "/result.fifo";

    private string RecordPath => _path + "/state.json";

    private string ConfigPath => _path + "/config.json";

    /// <summary>The directory of an id, which may not be there.</summary>
    /// <exception cref="GantryException">Invalid: no id.</exception>
    public static StateDirectory Of(string root, string id)
    {
        var valid = id.Length is > 0 and <= LongestId && id is not ("." or "..") && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' or '.');
        return valid ? new StateDirectory($"{root}/{id}") : throw GantryException.Of(ErrorKind.Invalid, $"invalid container ID format: \"{id}\": use letters, digits and _ + - .");
    }

    /// <summary>The ids of all containers, sorted.</summary>
    public static IReadOnlyList<string> List(string root)
    {
        if (!Directory.Exists(root)) return [];
        var ids = Directory.EnumerateDirectories(root).Where(d => File.Exists(d + "/state.json")).Select(d => Path.GetFileName(d)!).ToList();
        ids.Sort(StringComparer.Ordinal);
        return ids;
    }

    /// <summary>Makes the directory for a new container.</summary>
    /// <exception cref="GantryException">AlreadyExists: the id is taken.</exception>
    public void Create(string id)
    {
        Make(Path.GetDirectoryName(_path)!);
        var result = Files.TryMkdirAt(null, _path, DirectoryMode);
        if (result == -Errno.EEXIST) throw GantryException.Of(ErrorKind.AlreadyExists, $"container with given ID already exists: \"{id}\": delete it first, or choose another ID");
        if (result < 0) throw new SyscallException("mkdirat", -result, _path);
    }

    /// <summary>Makes a FIFO and opens it for both ends, so that opening never waits.</summary>
    public static Fd CreateFifo(string path)
    {
        var result = Files.TryMknodAt(null, path, FileModes.S_IFIFO | FileMode);
        if (result < 0) throw new SyscallException("mknodat", -result, path);
        return Files.Open(path, OpenFlags.O_RDWR);
    }

    /// <summary>Keeps others from changing the container meanwhile; released when disposed.</summary>
    /// <exception cref="GantryException">NotFound.</exception>
    public Fd Lock(string id)
    {
        var result = Files.TryOpenAt(null, _path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0, out var fd);
        if (result < 0) throw NotFound(id);
        Files.Lock(fd!, exclusive: true);
        return fd!;
    }

    /// <summary>Writes record and, when given, config.</summary>
    public void Write(ContainerRecord record, ReadOnlySpan<byte> config)
    {
        Replace(ConfigPath, config);
        Replace(RecordPath, record.ToJson());
    }

    /// <summary>Writes the config anew.</summary>
    public void WriteConfig(ReadOnlySpan<byte> config) => Replace(ConfigPath, config);

    /// <summary>The record.</summary>
    /// <exception cref="GantryException">NotFound: no such container.</exception>
    public ContainerRecord GetRecord(string id) => FindRecord() ?? throw NotFound(id);

    /// <summary>The record; null when there is no such container, or it is still being made.</summary>
    public ContainerRecord? FindRecord()
    {
        var result = Files.TryOpenAt(null, RecordPath, OpenFlags.O_RDONLY, 0, out var fd);
        if (result is -Errno.ENOENT or -Errno.ENOTDIR) return null;
        if (result < 0) throw new SyscallException("openat", -result, RecordPath);
        using (fd) return ContainerRecord.FromJson(Files.ReadToEnd(fd!), RecordPath);
    }

    /// <summary>The config as it was when the container was created.</summary>
    public RuntimeConfig GetConfig() => RuntimeConfigReader.Read(Files.ReadAll(ConfigPath));

    /// <summary>Whether init waits for <c>start</c>.</summary>
    public bool HasGate => Files.TryStatus(null, GatePath, OpenFlags.AT_SYMLINK_NOFOLLOW, out _) == 0;

    /// <summary>Removes the FIFOs.</summary>
    public void RemoveGate()
    {
        _ = Files.TryUnlinkAt(null, GatePath);
        _ = Files.TryUnlinkAt(null, ResultPath);
    }

    /// <summary>Whether there is such a directory.</summary>
    public bool Exists => Files.TryStatus(null, _path, 0, out _) == 0;

    /// <summary>Removes the directory and what is in it.</summary>
    public void Remove()
    {
        RemoveGate();
        foreach (var file in (ReadOnlySpan<string>)[RecordPath, ConfigPath, RecordPath + ".new", ConfigPath + ".new"]) _ = Files.TryUnlinkAt(null, file);
        _ = Files.TryUnlinkAt(null, _path, OpenFlags.AT_REMOVEDIR);
    }

    private static GantryException NotFound(string id) => GantryException.Of(ErrorKind.NotFound, $"container \"{id}\" does not exist");

    private static void Make(string path)
    {
        if (path is "/" or "" || Files.TryStatus(null, path, 0, out _) == 0) return;
        Make(Path.GetDirectoryName(path)!);
        var result = Files.TryMkdirAt(null, path, DirectoryMode);
        if (result < 0 && result != -Errno.EEXIST) throw new SyscallException("mkdirat", -result, path);
    }

    private static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        using (var fd = Files.OpenAt(null, temporary, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_NOFOLLOW, FileMode)) Files.WriteAll(fd, content);
        var result = Files.TryRenameAt(null, temporary, null, path);
        if (result < 0) throw new SyscallException("renameat", -result, path);
    }
}
