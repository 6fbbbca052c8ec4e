using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Patterns;

namespace Gantry.Engine.Builds;

/// <summary>
/// Copies files into a tree, by descriptors only: both sides may be hostile. Kept are modes, times, extended attributes,
/// symbolic links, devices, and in one directory's content hard links.
/// </summary>
/// <param name="shared">As in <see cref="FileCopier"/>.</param>
internal sealed class TreeCopier(CopyRules rules, CancellationToken cancellationToken, SharedContents? shared = null)
{
    private const int DepthLimit = 400;

    private readonly FileCopier _files = new(rules, shared);

    /// <summary>Copies one file to a name in a directory; what is there is replaced, unless it is a directory.</summary>
    public void File(Fd from, byte[] name, Fd to, byte[] target)
    {
        Require(Inodes.Status(from, name, out var status), "statx", name);
        _files.Copy(from, name, to, target, status);
    }

    /// <summary>Copies what a directory holds. Of the directory itself, the target gets its times, whether it is new or not.</summary>
    public void Content(Fd from, Fd to)
    {
        Content(from, "", new OpenTarget(to), new HardLinks(to, _files), default, default, 0);
        var itself = Inodes.Empty.ToArray();
        Require(Inodes.Status(from, itself, out var status), "statx", itself);
        _files.Times(to, status);
    }

    private void Content(Fd from, string path, Target to, HardLinks links, PathMatch excluded, PathMatch included, int depth)
    {
        if (depth > DepthLimit)
            throw GantryException.Of(ErrorKind.Invalid, $"\"/{path}\": directories are nested deeper than {DepthLimit}");
        var names = new List<byte[]>();
        Require(Inodes.List(from, names), "getdents", Inodes.Empty.ToArray());
        names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var text = Encoding.UTF8.GetString(name.AsSpan(..^1));
            var here = RawPath.Join(path, text);
            var isOut = rules.Excludes?.Match(here, excluded) ?? default;
            var isIn = rules.Includes?.Match(here, included) ?? default;
            Require(Inodes.Status(from, name, out var status), "statx", name);
            var wanted = !isOut.IsMatch && (rules.Includes is null || isIn.IsMatch);
            if (!status.IsDirectory)
            {
                if (wanted && !status.IsWhiteout && !links.TryLink(status, here, to, name))
                    _files.Copy(from, name, to.Open(), name, status);
                continue;
            }

            // What is left out may hold what is not.
            if (!wanted && !(isOut.IsMatch ? rules.Excludes!.MayHoldException(here) : rules.Includes!.MayHoldMatch(here)))
                continue;
            Require(Inodes.Open(from, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var below), "open", name);
            using (below)
            using (var target = new NewTarget(this, to, name, below, status))
            {
                if (wanted)
                    target.Open();
                Content(below, here, target, links, isOut, isIn, depth + 1);
                target.Finish(isAsked: wanted);
            }
        }
    }

    private static void Require(int result, string call, byte[] name)
    {
        if (result < 0)
            throw new SyscallException(call, -result, TarErrors.Printable(name.AsSpan().TrimEnd((byte)0).ToArray()));
    }

    /// <summary>The copies of files that have several names, by which later names are made links to them.</summary>
    private sealed class HardLinks(Fd root, FileCopier files)
    {
        private readonly Dictionary<(uint, uint, ulong), string> _copies = [];

        /// <summary>Makes a name a link to the copy that there is of its file; false where it is the first, or has one name only.</summary>
        public bool TryLink(in InodeStatus status, string path, Target to, byte[] name)
        {
            if (!status.IsRegular || status.Links < 2)
                return false;
            var (major, minor) = status.FileSystem;
            if (_copies.TryAdd((major, minor, status.Inode), path))
                return false;
            var copy = _copies[(major, minor, status.Inode)];
            var parent = RawPath.Parent(copy) is { Length: > 0 } directory ? directory : ".";
            Require(Inodes.OpenResolved(root, [.. Encoding.UTF8.GetBytes(parent), 0], OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0, Inodes.Beneath, out var from), "openat2", name);
            using (from)
            {
                var target = to.Open();
                files.MakeRoom(target, name);
                return Inodes.MakeLink(from, [.. Encoding.UTF8.GetBytes(RawPath.Name(copy)), 0], target, name) == 0;
            }
        }
    }

    /// <summary>A directory that is copied to.</summary>
    private abstract class Target : IDisposable
    {
        public abstract Fd Open();

        public abstract void Dispose();
    }

    private sealed class OpenTarget(Fd directory) : Target
    {
        public override Fd Open() => directory;

        public override void Dispose()
        {
            // The caller's.
        }
    }

    /// <summary>One that is made when the first file in it is.</summary>
    private sealed class NewTarget(TreeCopier copier, Target parent, byte[] name, Fd source, InodeStatus status) : Target
    {
        private Fd? _directory;
        private bool _wasThere;

        public override Fd Open() => _directory ??= Make();

        /// <summary>In the end: each file in it changes its times.</summary>
        /// <param name="isAsked">The directory itself is copied; if not, it is on the way to something that is, and one that was there stays as it is.</param>
        public void Finish(bool isAsked)
        {
            if (_directory is not null && (isAsked || !_wasThere))
                copier._files.Attributes(source, Inodes.Empty.ToArray(), _directory, status);
        }

        public override void Dispose() => _directory?.Dispose();

        private Fd Make()
        {
            var to = parent.Open();
            var made = Inodes.MakeDirectory(to, name, 0x1C0 /* 0700 until it is complete */);
            _wasThere = made == -Errno.EEXIST;
            if (made < 0 && !_wasThere)
                Require(made, "mkdirat", name);
            var opened = Inodes.Open(to, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
            if (opened is -Errno.ENOTDIR or -Errno.ELOOP)
                throw GantryException.Of(ErrorKind.Invalid, $"cannot copy to non-directory: {Encoding.UTF8.GetString(name.AsSpan(..^1))}");
            Require(opened, "open", name);
            return directory;
        }
    }
}
