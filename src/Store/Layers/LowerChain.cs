using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>The merged view of a stack of layers, without mounting it: what overlayfs would show at a path.</summary>
internal sealed class LowerChain : IDisposable
{
    // Topmost first.
    private readonly List<Fd> _layers = [];

    /// <summary>Opens the layers' directories.</summary>
    /// <param name="paths">Topmost first.</param>
    public LowerChain(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            var failed = Inodes.Open(null, [.. System.Text.Encoding.UTF8.GetBytes(path), 0], Inodes.PathOnly | Inodes.Directory, 0, out var layer);
            if (failed < 0)
            {
                Dispose();
                throw new SyscallException("open", -failed, path);
            }

            _layers.Add(layer);
        }
    }

    /// <summary>What is at a path whose parents are directories in the merged view; null when nothing is.</summary>
    public LowerNode? Find(string path) => Find(path, out _);

    // The layers that take part in a directory, topmost first.
    private List<Fd> Participants(string path)
    {
        Find(path, out var layers);
        return layers;
    }

    private LowerNode? Find(string path, out List<Fd> active)
    {
        active = _layers;
        LowerNode? found = null;
        for (var end = 0; end < path.Length;)
        {
            end = path.IndexOf('/', end + 1);
            if (end < 0)
                end = path.Length;
            var next = new List<Fd>();
            found = Find(active, path[..end], next);
            active = next;
            if (found is null)
                return null;
        }

        return found;
    }

    /// <summary>The names that a directory of the merged view has, in no order; none when it is not there.</summary>
    public IReadOnlyCollection<string> Names(string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var gone = new HashSet<string>(StringComparer.Ordinal);
        foreach (var layer in Participants(path))
        {
            var result = Inodes.OpenResolved(layer, RawPath.Bytes(path.Length == 0 ? "." : path), Inodes.ReadOnly | Inodes.Directory, 0, Inodes.Beneath | Inodes.NoSymlinks, out var directory);
            using (directory)
            {
                var entries = new List<byte[]>();
                if (result < 0 || Inodes.List(directory, entries) < 0)
                    continue;
                foreach (var entry in entries)
                {
                    var name = System.Text.Encoding.Latin1.GetString(entry.AsSpan(..^1));
                    if (gone.Contains(name) || names.Contains(name))
                        continue;
                    (Inodes.Status(directory, entry, out var status) == 0 && status.IsWhiteout ? gone : names).Add(name);
                }
            }
        }

        return names;
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
    }

    // Looks one level up in those layers that take part in the parent; fills in those that take part in this directory.
    private static LowerNode? Find(List<Fd> layers, string path, List<Fd> directories)
    {
        LowerNode? found = null;
        var name = RawPath.Bytes(path);
        foreach (var layer in layers)
        {
            var result = Inodes.OpenResolved(layer, name, Inodes.PathOnly | Inodes.NoFollow, 0, Inodes.Beneath | Inodes.NoSymlinks, out var file);
            using (file)
            {
                if (result is -Errno.ENOENT or -Errno.ENOTDIR or -Errno.ELOOP)
                    continue;
                if (result < 0 || (result = Inodes.Status(file, Inodes.Empty, out var status)) < 0)
                    throw new SyscallException("openat2", -result, TarErrors.Printable(name));
                Inodes.Status(file, Inodes.Empty, out status);
                if (status.IsWhiteout || (found is not null && !status.IsDirectory))
                    break;
                found ??= new(layer, path, status);
                if (!status.IsDirectory)
                    break;
                directories.Add(layer);
                if (Xattrs.Find(layer, name, OverlayMarks.Opaque) is [(byte)'y'])
                    break;
            }
        }

        return found;
    }
}
