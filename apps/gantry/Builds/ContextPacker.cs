using System.Globalization;
using System.Text;
using Gantry.Archive;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Builds;

/// <summary>Packs the directories of a build into one archive, each below its number.</summary>
/// <remarks>
/// As Docker's client does it: everything belongs to root, sockets are left out, links stay links. What a pattern leaves
/// out is not opened. Source: docker/cli cli/command/image/build.go, TarWithOptions.
/// </remarks>
internal sealed class ContextPacker(IReadOnlyList<BuildDirectory> directories)
{
    /// <summary>Bytes of file content packed so far.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>Writes the archive.</summary>
    /// <exception cref="GantryException">A file cannot be read.</exception>
    public void Write(Stream target)
    {
        var writer = new TarWriter(target);
        for (var i = 0; i < directories.Count; i++)
        {
            var prefix = i.ToString(CultureInfo.InvariantCulture) + "/";
            writer.Begin(new() { Kind = TarEntryKind.Directory, Name = Encoding.UTF8.GetBytes(prefix), Mode = 0x1ED });
            if (directories[i].Path is { } path)
                AddTree(writer, directories[i], path, prefix);
            foreach (var (name, content) in directories[i].Files)
            {
                writer.Begin(new() { Kind = TarEntryKind.File, Name = Encoding.UTF8.GetBytes(prefix + name), Mode = 0x1A4, Size = content.Length, StoredSize = content.Length });
                for (var rest = content.AsSpan(); !rest.IsEmpty;)
                {
                    var free = writer.Free();
                    var piece = rest[..Math.Min(rest.Length, free.Length)];
                    piece.CopyTo(free);
                    writer.Advance(piece.Length);
                    rest = rest[piece.Length..];
                }
            }
        }

        writer.Finish();
    }

    private void AddTree(TarWriter writer, BuildDirectory directory, string path, string prefix)
    {
        try
        {
            var opened = Inodes.Open(null, [.. Encoding.UTF8.GetBytes(path), 0], Inodes.ReadOnly | Inodes.Directory, 0, out var root);
            if (opened < 0)
                throw new SyscallException("open", -opened, path);
            using (root)
            {
                var tree = new TreeArchive(writer, CancellationToken.None)
                {
                    Choose = (name, status) => IsNeeded(directory, name, prefix.Length, status.IsDirectory),
                    Filter = (entry, _) => Prepare(directory, entry, prefix.Length),
                };
                tree.AddDirectory(root, Encoding.UTF8.GetBytes(prefix), itself: false);
                ContentBytes += tree.ContentBytes;
            }
        }
        catch (SyscallException e)
        {
            var what = e.Number is Errno.EACCES or Errno.EPERM ? ": leave it out by .dockerignore, or make it readable" : "";
            throw GantryException.Of(ErrorKind.Invalid, $"cannot read \"{Shown(e.Subject, prefix)}\" in {path}: {Errno.Text(e.Number)} ({Errno.Name(e.Number)}){what}", cause: e);
        }
    }

    private static string Shown(string? subject, string prefix) =>
        subject is null ? "." : subject.StartsWith(prefix, StringComparison.Ordinal) ? subject[prefix.Length..] : subject;

    private static bool IsNeeded(BuildDirectory directory, byte[] name, int skip, bool isDirectory)
    {
        if (directory.Excluded.IsEmpty)
            return true;
        var path = Encoding.UTF8.GetString(name.AsSpan(skip));
        return IsTaken(directory, path)
            || (isDirectory && (directory.Excluded.MayHoldException(path) || directory.Always.Any(always => always.StartsWith(path + "/", StringComparison.Ordinal))));
    }

    private static bool IsTaken(BuildDirectory directory, string path) => directory.Always.Contains(path) || !directory.Excluded.Matches(path);

    private static bool Prepare(BuildDirectory directory, TarEntry entry, int skip)
    {
        (entry.Uid, entry.Gid) = (0, 0);
        // As Docker's client sends them; the others are this machine's matter.
        entry.Xattrs?.RemoveAll(static attribute => attribute.Key != "security.capability");
        // A directory that is only looked into has no entry: it is made when something in it is unpacked.
        return entry.Kind != TarEntryKind.Directory || directory.Excluded.IsEmpty || IsTaken(directory, Encoding.UTF8.GetString(entry.Name.AsSpan(skip)).TrimEnd('/'));
    }
}
