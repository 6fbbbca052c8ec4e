using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Runtime.Confine;
using Gantry.Runtime.State;

namespace Gantry.Apps.GantryRuntime;

/// <summary>What the global options say.</summary>
/// <param name="Root">Where the containers' state is.</param>
internal sealed record RuntimeContext(string Root)
{
    private const string DefaultRoot = "/run/gantry-runtime";

    /// <summary>Compiled filters.</summary>
    public SeccompCache Seccomp { get; } = new(Root + "/.seccomp");

    public TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>Reads the options.</summary>
    /// <exception cref="GantryException">NotSupported: the systemd cgroup driver.</exception>
    public static RuntimeContext Of(ParsedOptions global)
    {
        if (global.Has("--systemd-cgroup"))
            throw GantryException.Of(ErrorKind.NotSupported, "--systemd-cgroup is not supported: use the cgroupfs driver (podman --cgroup-manager cgroupfs; containerd SystemdCgroup = false; dockerd --exec-opt native.cgroupdriver=cgroupfs)");
        if (global.Find("--log-format") is { } format and not ("text" or "json")) throw GantryException.Of(ErrorKind.Invalid, $"invalid log-format: \"{format}\": use text or json");
        var root = global.Find("--root") ?? (Processes.EffectiveUserId != 0 && Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own ? own + "/gantry-runtime" : DefaultRoot);
        return new RuntimeContext(Path.GetFullPath(root));
    }

    /// <summary>Finds a container.</summary>
    public Container Get(string id) => Container.Get(Root, id);
}
