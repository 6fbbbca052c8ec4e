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
/// symbolic links and devices.
/// </summary>
internal sealed class TreeCopier(CopyRules rules, CancellationToken cancellationToken)
{
    private const int DepthLimit = 400;

    private readonly FileCopier _files = new(rules);

    /// <summary>Copies one file to a name in a directory; what is there is replaced, unless it is a directory.</summary>
    public void File(Fd from, byte[] name, Fd to, byte[] target)
    {
        Require(Inodes.Status(from, name, out var status), "statx", name);
        _files.Copy(from, name, to, target, status);
    }

    /// <summary>Copies what a directory holds.</summary>
    /// <param name="path">The directory's path in its tree: what excludes are matched with.</param>
    public void Content(Fd from, string path, Fd to) => Content(from, path, "", new OpenTarget(to), default, default, 0);

    private void Content(Fd from, string path, string inner, Target to, PathMatch excluded, PathMatch included, int depth)
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
            var (here, within) = (RawPath.Join(path, text), RawPath.Join(inner, text));
            var isOut = rules.Excludes?.Match(here, excluded) ?? default;
            var isIn = rules.Includes?.Match(within, included) ?? default;
            Require(Inodes.Status(from, name, out var status), "statx", name);
            var wanted = !isOut.IsMatch && (rules.Includes is null || isIn.IsMatch);
            if (!status.IsDirectory)
            {
                if (wanted && !status.IsWhiteout)
                    _files.Copy(from, name, to.Open(), name, status);
                continue;
            }

            // What is left out may hold what is not.
            if (!wanted && !(isOut.IsMatch ? rules.Excludes!.MayHoldException(here) : rules.Includes!.MayHoldMatch(within)))
                continue;
            Require(Inodes.Open(from, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var below), "open", name);
            using (below)
            using (var target = new NewTarget(this, to, name, below, status))
            {
                if (wanted)
                    target.Open();
                Content(below, here, within, target, isOut, isIn, depth + 1);
                target.Finish();
            }
        }
    }

    private static void Require(int result, string call, byte[] name)
    {
        if (result < 0)
            throw new SyscallException(call, -result, TarErrors.Printable(name.AsSpan().TrimEnd((byte)0).ToArray()));
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

        public override Fd Open() => _directory ??= Make();

        /// <summary>In the end: each file in it changes its times.</summary>
        public void Finish()
        {
            if (_directory is not null)
                copier._files.Attributes(source, Inodes.Empty.ToArray(), _directory, status);
        }

        public override void Dispose() => _directory?.Dispose();

        private Fd Make()
        {
            var to = parent.Open();
            var made = Inodes.MakeDirectory(to, name, 0x1C0 /* 0700 until it is complete */);
            if (made < 0 && made != -Errno.EEXIST)
                Require(made, "mkdirat", name);
            var opened = Inodes.Open(to, name, Inodes.ReadOnly | Inodes.Directory | Inodes.NoFollow, 0, out var directory);
            if (opened is -Errno.ENOTDIR or -Errno.ELOOP)
                throw GantryException.Of(ErrorKind.Invalid, $"cannot copy to non-directory: {Encoding.UTF8.GetString(name.AsSpan(..^1))}");
            Require(opened, "open", name);
            return directory;
        }
    }
}
