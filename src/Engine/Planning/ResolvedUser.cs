namespace Gantry.Engine.Planning;

/// <summary>A container's user, looked up in its own <c>/etc/passwd</c> and <c>/etc/group</c>.</summary>
/// <param name="Uid">The user id.</param>
/// <param name="Gid">The primary group id.</param>
/// <param name="AdditionalGids">Supplementary groups; the primary group comes first, as Docker writes it.</param>
/// <param name="Home">The home directory of passwd, <c>/</c> when there is none: HOME when the environment has no other.</param>
public sealed record ResolvedUser(uint Uid, uint Gid, IReadOnlyList<uint> AdditionalGids, string Home)
{
    /// <summary>root, as an image without passwd has it.</summary>
    public static ResolvedUser Root { get; } = new(0, 0, [0], "/root");
}
