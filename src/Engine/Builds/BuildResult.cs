using System.Text;
using Gantry.Build;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Images;
using Gantry.Store;

namespace Gantry.Engine.Builds;

/// <summary>The result of a build as this engine has it: layers, held by a lease.</summary>
internal sealed class BuildResult : IBuildResult
{
    /// <summary>Of one reading: what is read so is a Dockerfile, a bake file, an answer.</summary>
    private const int MostBytes = 8 << 20;

    private readonly ContentStore _content;
    private readonly BuildTrees _trees;
    private readonly Lease _lease;

    public BuildResult(ContentStore content, BuildTrees trees, ImageConfiguration configuration)
    {
        _content = content;
        _trees = trees;
        _lease = content.Leases.Open();
        Configuration = configuration;
        foreach (var diffId in configuration.RootFs.DiffIds)
            _lease.Hold(diffId);
    }

    public ImageConfiguration Configuration { get; }

    public byte[] ReadFile(string path, long offset, long? length) => In(path, root =>
    {
        // O_NONBLOCK: a FIFO planted under the name must not make us wait.
        using var file = SafePath.OpenInRoot(root, path, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC);
        var status = Files.Status(file);
        if (!status.IsRegular)
            throw GantryException.Of(ErrorKind.Invalid, $"{path} is not a file that can be read");
        var count = Math.Clamp((long)status.Size - offset, 0, length ?? long.MaxValue);
        if (count > MostBytes)
            throw GantryException.Of(ErrorKind.Invalid, $"{path} has {count} bytes: read at most {MostBytes} at a time");
        var content = new byte[count];
        var read = 0;
        while (read < content.Length)
        {
            var more = Inodes.ReadAt(file, content.AsSpan(read), offset + read);
            if (more < 0)
                throw new SyscallException("pread", -more, path);
            if (more == 0)
                break;
            read += more;
        }

        return content[..read];
    });

    public ResultFile Stat(string path) => In(path, root =>
    {
        using var file = SafePath.OpenInRoot(root, path, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC);
        return Describe(file, Inodes.Empty, Path.GetFileName(path.TrimEnd('/')));
    });

    public IReadOnlyList<ResultFile> List(string path) => In(path, root =>
    {
        using var directory = SafePath.OpenInRoot(root, path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        var names = new List<byte[]>();
        if (Inodes.List(directory, names) is < 0 and var failed)
            throw new SyscallException("getdents64", -failed, path);
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return names.ConvertAll(name => Describe(directory, name, Encoding.UTF8.GetString(name.AsSpan().TrimEnd((byte)0))));
    });

    public IBuildResult Share() => new BuildResult(_content, _trees, Configuration);

    public void Dispose() => _lease.Dispose();

    private static ResultFile Describe(Fd at, ReadOnlySpan<byte> name, string path)
    {
        if (Inodes.Status(at, name, out var status) is < 0 and var failed)
            throw new SyscallException("statx", -failed, path);
        var link = new byte[4096];
        var length = status.IsSymlink ? Inodes.ReadLink(at, name, link) : 0;
        return new()
        {
            Path = path,
            Mode = status.Mode,
            Uid = status.Uid,
            Gid = status.Gid,
            Size = status.Size,
            ModifiedNanoseconds = status.Modified.Seconds * 1_000_000_000 + status.Modified.Nanoseconds,
            LinkTarget = Encoding.UTF8.GetString(link.AsSpan(0, Math.Max(0, length))),
        };
    }

    private T In<T>(string path, Func<Fd, T> work)
    {
        try
        {
            using var root = _trees.Open(new BuildTree { Layers = Configuration.RootFs.DiffIds });
            return work(root);
        }
        catch (SyscallException refused)
        {
            throw GantryException.Of(refused.Number == Kernel.Abi.Errno.ENOENT ? ErrorKind.NotFound : ErrorKind.Invalid, $"{path}: {refused.Message}", cause: refused);
        }
    }
}
