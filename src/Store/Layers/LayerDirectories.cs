using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Store;

/// <summary>
/// Finds and makes directories inside a layer being unpacked. Every step opens one component with O_NOFOLLOW below an
/// open directory; symbolic links are followed here, by hand, with the layer's root as "/": nothing can lead outside.
/// </summary>
internal sealed class LayerDirectories : IDisposable
{
    // Archives are written directory by directory, so a few open ones serve nearly every entry.
    private const int MostOpen = 256;
    private const int MostLinks = 40;

    private readonly Fd _root;
    private readonly LowerChain? _lower;
    private readonly Dictionary<string, OpenDirectory> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _implied = new(StringComparer.Ordinal);
    private string? _lastPath;
    private Fd? _last;

    public LayerDirectories(Fd root, LowerChain? lower)
    {
        _root = root;
        _lower = lower;
    }

    /// <summary>Directories that entries lie in but that have no entry of their own (yet), when no lower layers were given.</summary>
    public IReadOnlyCollection<string> Implied => _implied;

    /// <summary>The directory at a path, made with its parents when missing.</summary>
    public Fd Ensure(string path) => Find(path, create: true)!;

    /// <summary>The directory at a path; null when it is not there.</summary>
    public Fd? Find(string path) => Find(path, create: false);

    /// <summary>Tells that a directory has an entry of its own.</summary>
    public void Named(string path) => _implied.Remove(path);

    /// <summary>Between entries: closes directories when there are many.</summary>
    public void Trim()
    {
        if (_open.Count >= MostOpen)
            Forget();
    }

    /// <summary>Forgets open directories: something that may have been one was replaced.</summary>
    public void Forget()
    {
        foreach (var directory in _open.Values.Distinct())
            directory.Fd.Dispose();
        _open.Clear();
        _last = null;
        _lastPath = null;
    }

    /// <summary>Forgets all open directories but one, which the caller still uses.</summary>
    public void ForgetAllBut(Fd kept)
    {
        foreach (var directory in _open.Values.Distinct().Where(d => d.Fd != kept))
            directory.Fd.Dispose();
        foreach (var path in _open.Where(p => p.Value.Fd != kept).Select(p => p.Key).ToList())
            _open.Remove(path);
        if (_last != kept)
        {
            _last = null;
            _lastPath = null;
        }
    }

    public void Dispose() => Forget();

    private Fd? Find(string path, bool create)
    {
        if (path.Length == 0)
            return _root;
        if (path == _lastPath)
            return _last;
        var links = 0;
        var found = Walk(path, create, ref links);
        if (found is null)
            return null;
        _lastPath = path;
        _last = found.Value.Directory ?? _root;
        // A way through links is remembered as well.
        if (found.Value.Directory is not null)
            _open.TryAdd(path, _open[found.Value.Path]);
        return _last;
    }

    // Returns the directory (null: the root) and its path without links; null when it is not there.
    private (Fd? Directory, string Path)? Walk(string path, bool create, ref int links)
    {
        Fd? directory = null;
        var at = "";
        foreach (var component in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (component == ".")
                continue;
            if (component == "..")
            {
                at = RawPath.Parent(at);
                directory = at.Length == 0 ? null : Reopen(at);
                continue;
            }

            var next = RawPath.Join(at, component);
            if (_open.TryGetValue(next, out var known))
            {
                directory = known.Fd;
                at = known.Path;
                continue;
            }

            var step = Step(directory ?? _root, at, component, next, create, links > 0);
            if (step is null)
                return null;
            if (step.Value.Target is { } target)
            {
                if (++links > MostLinks)
                    throw TarErrors.Refused(RawPath.Bytes(path).AsSpan(..^1), "its path goes through too many symbolic links");
                var through = Walk(target.StartsWith('/') ? target : RawPath.Join(at, target), create, ref links);
                if (through is null)
                    return null;
                (directory, at) = through.Value;
            }
            else
            {
                directory = step.Value.Directory!;
                at = next;
                _open[next] = new(directory, next);
            }
        }

        return (directory, at);
    }

    private Fd Reopen(string path)
    {
        if (_open.TryGetValue(path, out var known))
            return known.Fd;
        var result = Inodes.OpenResolved(_root, RawPath.Bytes(path), Inodes.PathOnly | Inodes.Directory | Inodes.NoFollow, 0, Inodes.Beneath | Inodes.NoSymlinks, out var directory);
        if (result < 0)
            throw new SyscallException("openat2", -result, TarErrors.Printable(RawPath.Bytes(path)));
        _open[path] = new(directory, path);
        return directory;
    }

    // One component: a directory, or the target of a link; null when it is not there and not to be made.
    private (Fd? Directory, string? Target)? Step(Fd parent, string parentPath, string component, string path, bool create, bool throughLink)
    {
        var name = RawPath.Bytes(component);
        var result = Inodes.Open(parent, name, Inodes.PathOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
        if (result == 0)
            return (directory, null);
        directory.Dispose();
        if (result is -Errno.ENOTDIR or -Errno.ELOOP)
        {
            if (Inodes.Status(parent, name, out var status) < 0)
                throw new SyscallException("statx", -result, TarErrors.Printable(name));
            if (status.IsSymlink)
                return (null, ReadTarget(parent, name));
            if (!status.IsWhiteout)
                throw TarErrors.Refused(RawPath.Bytes(path).AsSpan(..^1), "it is a file, but other entries lie in it");
            if (!create)
                return null;
            // Removed from below, then made anew: what was in it below stays hidden.
            Require(Inodes.Unlink(parent, name), path);
            return (Make(parent, name, path, opaque: true), null);
        }

        if (result != -Errno.ENOENT)
            throw new SyscallException("openat", -result, TarErrors.Printable(RawPath.Bytes(path)));
        return Missing(parent, name, path, create, throughLink);
    }

    private (Fd? Directory, string? Target)? Missing(Fd parent, byte[] name, string path, bool create, bool throughLink)
    {
        if (_lower is null)
        {
            // The link may point at something that a lower layer has.
            if (throughLink)
                throw new NeedsLowerException();
            if (!create)
                return null;
            _implied.Add(path);
            return (Make(parent, name, path, opaque: false), null);
        }

        var below = _lower.Find(path);
        if (below is { Status.IsSymlink: true })
            return (null, below.LinkTarget());
        if (!create && below is not { Status.IsDirectory: true })
            return null;
        var made = Make(parent, name, path, opaque: false);
        if (below is { Status.IsDirectory: true })
            below.CopyMetadataTo(parent, name);
        return (made, null);
    }

    private static Fd Make(Fd parent, byte[] name, string path, bool opaque)
    {
        const uint Rwxr_xr_x = 0x1ED;
        Require(Inodes.MakeDirectory(parent, name, Rwxr_xr_x), path);
        Require(Inodes.ChangeMode(parent, name, Rwxr_xr_x), path);
        if (opaque)
            Require(Xattrs.Set(parent, name, OverlayMarks.Opaque, "y"u8), path);
        Require(Inodes.Open(parent, name, Inodes.PathOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory), path);
        return directory;
    }

    private static string ReadTarget(Fd parent, byte[] name)
    {
        var buffer = new byte[RawPath.Longest];
        var length = Inodes.ReadLink(parent, name, buffer);
        if (length < 0)
            throw new SyscallException("readlinkat", -length, TarErrors.Printable(name));
        return Encoding.Latin1.GetString(buffer, 0, length);
    }

    private static void Require(int result, string path)
    {
        if (result < 0)
            throw new SyscallException("mkdirat", -result, TarErrors.Printable(RawPath.Bytes(path).AsSpan(..^1)));
    }

    private sealed record OpenDirectory(Fd Fd, string Path);
}
