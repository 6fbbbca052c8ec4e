using System.Collections.Concurrent;
using System.Text;
using Gantry.Engine.Containers.Records;
using Gantry.Engine.Planning;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Paths;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Containers;

/// <summary>Finds the users of containers in their own /etc/passwd and /etc/group.</summary>
internal sealed class ContainerUser
{
    private const int LargestFileBytes = 1 << 20;

    // An image never changes: what was found in one holds for all containers that have not written to /etc.
    private readonly ConcurrentDictionary<(Digest Image, string User, string Groups), ResolvedUser> _ofImages = new();

    /// <summary>The user of a container that is about to be started.</summary>
    public ResolvedUser Find(ContainerRecord record, Snapshot snapshot)
    {
        var key = (record.ImageId, record.Config.User ?? "", string.Join(',', record.HostConfig.GroupAdd ?? []));
        var unchanged = !Path.Exists(Path.Combine(snapshot.UpperPath, "etc"));
        if (unchanged && _ofImages.TryGetValue(key, out var known))
            return known;
        using var root = RootfsView.Open(snapshot);
        var found = FindIn(root, record.Config.User, record.HostConfig.GroupAdd);
        if (unchanged)
            _ofImages[key] = found;
        return found;
    }

    /// <summary>A user in a running container, for exec.</summary>
    public static ResolvedUser FindRunning(int pid, string? user, IReadOnlyList<string>? groupAdd)
    {
        // The magic link is the kernel's and leads to the container's root; what is below it is looked up inside that root.
        using var root = Files.Open($"/proc/{pid}/root", OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC);
        return FindIn(root, user, groupAdd);
    }

    /// <summary>A user in a root filesystem that is open.</summary>
    public static ResolvedUser FindIn(Fd root, string? user, IReadOnlyList<string>? groupAdd) =>
        UserLookup.Find(user, groupAdd, TextOf(root, "etc/passwd"), TextOf(root, "etc/group"));

    private static string TextOf(Fd root, string path) => Encoding.UTF8.GetString(SafePath.FindContent(root, path, LargestFileBytes) ?? []);
}
