namespace Gantry.Engine.Copy;

/// <summary>What is at a path of a container, as <c>X-Docker-Container-Path-Stat</c> tells it.</summary>
/// <param name="Name">The path's last component; <c>/</c> for the root.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">Kind and permissions in Go's encoding: see <see cref="GoFileMode"/>.</param>
/// <param name="Modified">When its content last changed, as Go writes times.</param>
/// <param name="LinkTarget">Where a symbolic link leads in the end, inside the container; empty for everything else.</param>
public sealed record PathStatus(string Name, long Size, uint Mode, string Modified, string LinkTarget);
