using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime.Namespaces;
using NS = Gantry.Kernel.Sys.Namespaces;

namespace Gantry.Runtime.Init;

/// <summary>What a config must fulfil beyond having the right members. Source: runc libcontainer/configs/validate.</summary>
internal static class ConfigRules
{
    /// <summary>Checks what is needed at all, and returns the process.</summary>
    /// <exception cref="GantryException">Invalid or NotSupported.</exception>
    public static RuntimeProcess Check(RuntimeConfig config)
    {
        var process = config.Process ?? throw Invalid("config.json has no process: there is nothing to run");
        if (config.Root is null) throw Invalid("config.json has no root: there is no root filesystem");
        if (process.Args.Count == 0) throw Invalid("process.args is empty: there is no program to run");
        CheckProcess(process);
        if (config.Linux?.NetDevices is { Count: > 0 }) throw GantryException.Of(ErrorKind.NotSupported, "linux.netDevices is not supported: remove it from config.json");
        if (config.Linux?.RootfsPropagation is { Length: > 0 } propagation && Rootfs.MountOptions.PropagationOf(propagation) == 0)
            throw Invalid($"unknown linux.rootfsPropagation \"{propagation}\": use shared, slave, private or unbindable, or one of them with an r before it");
        return process;
    }

    /// <summary>Checks a process, be it init or one for exec.</summary>
    /// <exception cref="GantryException">Invalid.</exception>
    public static void CheckProcess(RuntimeProcess process)
    {
        if (process.Cwd.Length > 0 && !process.Cwd.StartsWith('/')) throw Invalid($"Cwd must be an absolute path, not \"{process.Cwd}\"");
        foreach (var entry in process.Env)
        {
            if (!entry.Contains('=', StringComparison.Ordinal)) throw Invalid($"process.env: \"{entry}\" is not of the form NAME=VALUE");
        }
    }

    /// <summary>Checks what depends on the namespaces.</summary>
    /// <exception cref="GantryException">Invalid or NotSupported.</exception>
    public static void Check(RuntimeConfig config, NamespacePlan namespaces)
    {
        if (!namespaces.IsOwn(NS.CLONE_NEWNS))
            throw GantryException.Of(ErrorKind.NotSupported, "linux.namespaces has no mount namespace: the container's mounts would be the host's");
        if (!string.IsNullOrEmpty(config.Hostname) && !namespaces.IsOwn(NS.CLONE_NEWUTS)) throw Invalid("unable to set hostname without a private UTS namespace");
        if (!string.IsNullOrEmpty(config.Domainname) && !namespaces.IsOwn(NS.CLONE_NEWUTS)) throw Invalid("unable to set domainname without a private UTS namespace");
        var mapped = config.Linux is { UidMappings.Count: > 0 } or { GidMappings.Count: > 0 };
        if (namespaces.IsNew(NS.CLONE_NEWUSER) && !mapped) throw Invalid("a new user namespace needs linux.uidMappings and linux.gidMappings");
        if (!namespaces.IsOwn(NS.CLONE_NEWUSER) && mapped) throw Invalid("linux.uidMappings and gidMappings need a user namespace in linux.namespaces");
        if (config.Linux?.TimeOffsets is { Count: > 0 } && !namespaces.IsNew(NS.CLONE_NEWTIME)) throw Invalid("linux.timeOffsets need a new time namespace in linux.namespaces");
        foreach (var clock in config.Linux?.TimeOffsets?.Keys ?? [])
        {
            if (clock is not ("monotonic" or "boottime")) throw Invalid($"unknown clock \"{clock}\" in linux.timeOffsets: use monotonic or boottime");
        }
    }

    private static GantryException Invalid(string message) => GantryException.Of(ErrorKind.Invalid, message, new LaunchFailure(LaunchStage.Bundle, Kernel.Abi.Errno.EINVAL));
}
