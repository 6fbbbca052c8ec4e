using System.Globalization;
using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Model;

namespace Gantry.Engine.Builds;

/// <summary>Reads <c>--chown</c>: names are looked up in the tree that is written to.</summary>
internal static class TreeOwner
{
    private const int LargestFileBytes = 1 << 20;

    /// <summary>The ids of <c>user[:group]</c>. A name's group is that of its account, a number's the same number; no user at all is root.</summary>
    /// <exception cref="GantryException">Invalid: there is no such user or group.</exception>
    public static (uint Uid, uint Gid) Find(Fd root, string owner)
    {
        var parts = owner.Split(':', 2);
        var (uid, gid) = User(root, parts[0]);
        return (uid, parts.Length > 1 && parts[1].Length > 0 ? Group(root, parts[1]) : gid);
    }

    private static (uint Uid, uint Gid) User(Fd root, string user)
    {
        if (Number(user) is { } id)
            return (id, id);
        if (user.Length == 0)
            return (0, 0);
        foreach (var fields in Lines(root, "etc/passwd"))
        {
            if (fields.Length > 3 && fields[0] == user && Number(fields[2]) is { } uid && Number(fields[3]) is { } gid)
                return (uid, gid);
        }

        throw GantryException.Of(ErrorKind.Invalid, $"unable to convert uid/gid chown string to host mapping: can't find uid for user {user}: no such user: {user}: add it in a RUN before, or give its number");
    }

    private static uint Group(Fd root, string group)
    {
        if (Number(group) is { } id)
            return id;
        foreach (var fields in Lines(root, "etc/group"))
        {
            if (fields.Length > 2 && fields[0] == group && Number(fields[2]) is { } gid)
                return gid;
        }

        throw GantryException.Of(ErrorKind.Invalid, $"unable to convert uid/gid chown string to host mapping: can't find gid for group {group}: no such group: {group}: add it in a RUN before, or give its number");
    }

    private static IEnumerable<string[]> Lines(Fd root, string path) =>
        Encoding.UTF8.GetString(SafePath.FindContent(root, path, LargestFileBytes) ?? []).Split('\n').Select(line => line.TrimEnd('\r').Split(':'));

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < uint.MaxValue ? id : null;
}
