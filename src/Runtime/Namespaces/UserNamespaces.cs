using System.Globalization;
using Gantry.Kernel.Abi;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Launch;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Init;

namespace Gantry.Runtime.Namespaces;

/// <summary>User namespaces and their maps. Source: user_namespaces(7).</summary>
internal static class UserNamespaces
{
    /// <summary>Writes the maps of a process in a new user namespace.</summary>
    /// <exception cref="GantryException">The kernel refused a map.</exception>
    public static void WriteMaps(int pid, IReadOnlyList<IdMapping>? uids, IReadOnlyList<IdMapping>? gids)
    {
        // Without privileges the kernel asks for setgroups to be given up first.
        if (Processes.EffectiveUserId != 0) Write(pid, "setgroups", "deny");
        if (gids is { Count: > 0 }) Write(pid, "gid_map", Format(gids));
        if (uids is { Count: > 0 }) Write(pid, "uid_map", Format(uids));
    }

    /// <summary>A map as the kernel reads it: inside, outside, length.</summary>
    public static string Format(IReadOnlyList<IdMapping> mappings) =>
        string.Concat(mappings.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.ContainerID} {m.HostID} {m.Size}\n")));

    /// <summary>The host's id for an id of the container; null when it is not mapped.</summary>
    public static uint? ToHost(IReadOnlyList<IdMapping>? mappings, uint id)
    {
        foreach (var mapping in mappings ?? [])
        {
            if (id >= mapping.ContainerID && id - mapping.ContainerID < mapping.Size) return mapping.HostID + (id - mapping.ContainerID);
        }

        return null;
    }

    /// <summary>A user namespace with nothing in it, for an id-mapped mount.</summary>
    public static Fd Create(IReadOnlyList<IdMapping> uids, IReadOnlyList<IdMapping> gids)
    {
        using var channel = SyncChannel.Open();
        var script = new ChildScript(channel.Child.Number, []);
        script.CloseStrangers();
        script.Call(SyscallNumbers.Read, script.Sync, script.Program.Reserve(8), 1);
        script.Call(SyscallNumbers.ExitGroup, 0);
        using var child = ForkedChild.Start(script.Program, Kernel.Sys.Namespaces.CLONE_NEWUSER, script.Sync);
        using var pidFd = child.PidFd;
        channel.Child.Dispose();
        try
        {
            WriteMaps(child.Pid, uids, gids);
            return Files.Open($"/proc/{child.Pid}/ns/user", OpenFlags.O_RDONLY);
        }
        finally
        {
            channel.Parent.Dispose();
            Processes.Wait(pidFd);
        }
    }

    private static void Write(int pid, string file, string value)
    {
        var result = Files.TryWriteControl($"/proc/{pid}/{file}", value);
        if (result == 0) return;
        throw LaunchErrors.Of(LaunchStage.Namespaces, $"write \"{value.TrimEnd('\n')}\" to {file} of the user namespace", new SyscallException("write", -result, file));
    }
}
