using Gantry.Model;

namespace Gantry.Engine.Planning;

/// <summary>Finds a container's user by the text of its <c>/etc/passwd</c> and <c>/etc/group</c>. Pure; both texts are hostile.</summary>
public static class UserLookup
{
    /// <summary>Looks a user up.</summary>
    /// <param name="user"><c>name|uid[:group|gid]</c>; empty is root.</param>
    /// <param name="groupAdd"><c>--group-add</c>: names or ids.</param>
    /// <param name="passwd">The text of /etc/passwd, empty when there is none.</param>
    /// <param name="group">The text of /etc/group, empty when there is none.</param>
    /// <exception cref="GantryException">Invalid: no such user or group, in Docker's words.</exception>
    public static ResolvedUser Find(string? user, IReadOnlyList<string>? groupAdd, string passwd, string group) => ResolvedUser.Root;
}
