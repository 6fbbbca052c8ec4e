using System.Globalization;
using Gantry.Model;

namespace Gantry.Engine.Planning;

/// <summary>Finds a container's user by the text of its <c>/etc/passwd</c> and <c>/etc/group</c>. Pure; both texts are hostile.</summary>
/// <remarks>Source: moby/sys/user, GetExecUser and GetAdditionalGroups.</remarks>
public static class UserLookup
{
    /// <summary>Looks a user up.</summary>
    /// <param name="user"><c>name|uid[:group|gid]</c>; empty is root.</param>
    /// <param name="groupAdd"><c>--group-add</c>: names or ids.</param>
    /// <param name="passwd">The text of /etc/passwd, empty when there is none.</param>
    /// <param name="group">The text of /etc/group, empty when there is none.</param>
    /// <exception cref="GantryException">Invalid: no such user or group, in Docker's words.</exception>
    public static ResolvedUser Find(string? user, IReadOnlyList<string>? groupAdd, string passwd, string group)
    {
        ArgumentNullException.ThrowIfNull(passwd);
        ArgumentNullException.ThrowIfNull(group);
        var parts = (user ?? "").Split(':', 2);
        string name = parts[0], groupName = parts.Length > 1 ? parts[1] : "";
        var groups = Groups(group);

        uint uid = 0, gid = 0;
        var home = "/";
        string? account = null;
        if (FindUser(passwd, name) is { } found)
        {
            (account, uid, gid, home) = found;
        }
        else if (Id(name) is { } number)
        {
            uid = number;
        }
        else if (name.Length > 0)
        {
            CheckRange(name);
            throw GantryException.Of(ErrorKind.Invalid, $"unable to find user {name}: no matching entries in passwd file");
        }
        else
        {
            home = "/root";
        }

        List<uint> more = [];
        if (groupName.Length > 0)
            gid = GroupId(groups, groupName);
        else if (account is not null)
            more.AddRange(groups.Where(entry => entry.Members.Contains(account)).Select(entry => entry.Gid));

        foreach (var extra in groupAdd ?? [])
            more.Add(GroupId(groups, extra));
        return new(uid, gid, [gid, .. more.Distinct().Where(id => id != gid)], home.Length == 0 ? "/" : home);
    }

    // By name first; a number may also be the name of an account, and only then an id.
    private static (string Name, uint Uid, uint Gid, string Home)? FindUser(string passwd, string user)
    {
        var id = user.Length == 0 ? 0 : Id(user);
        (string, uint, uint, string)? byId = null;
        foreach (var line in passwd.Split('\n'))
        {
            var fields = line.TrimEnd('\r').Split(':');
            if (fields.Length < 4 || fields[0].Length == 0 || Id(fields[2]) is not { } uid || Id(fields[3]) is not { } gid)
                continue;
            var entry = (fields[0], uid, gid, fields.Length > 5 ? fields[5] : "");
            if (fields[0] == user)
                return entry;
            if (uid == id)
                byId ??= entry;
        }

        return byId;
    }

    private static List<(string Name, uint Gid, string[] Members)> Groups(string group)
    {
        var groups = new List<(string, uint, string[])>();
        foreach (var line in group.Split('\n'))
        {
            var fields = line.TrimEnd('\r').Split(':');
            if (fields.Length >= 3 && fields[0].Length > 0 && Id(fields[2]) is { } gid)
                groups.Add((fields[0], gid, fields.Length > 3 ? fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries) : []));
        }

        return groups;
    }

    private static uint GroupId(List<(string Name, uint Gid, string[] Members)> groups, string name)
    {
        foreach (var entry in groups)
        {
            if (entry.Name == name)
                return entry.Gid;
        }

        if (Id(name) is { } id)
            return id;
        CheckRange(name);
        throw GantryException.Of(ErrorKind.Invalid, $"unable to find group {name}: no matching entries in group file");
    }

    // Numbers that are none of an account. Source: moby/sys/user ErrRange.
    private static void CheckRange(string number)
    {
        if (long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            throw GantryException.Of(ErrorKind.Invalid, "uids and gids must be in range 0-2147483647");
    }

    // Ids are 0 to 2³¹-1, as Docker has it: 4294967295 is "no change" to the kernel and would leave the process root.
    private static uint? Id(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= int.MaxValue ? id : null;
}
