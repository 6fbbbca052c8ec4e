namespace Gantry.Model;

/// <summary>Where in the launch of a process a step failed.</summary>
public enum LaunchStage
{
    /// <summary>Reading and checking the bundle.</summary>
    Bundle,

    /// <summary>Making or joining namespaces and control groups.</summary>
    Namespaces,

    /// <summary>Mounts, devices, pivot_root.</summary>
    Rootfs,

    /// <summary>Identity, capabilities, limits, seccomp.</summary>
    Confine,

    /// <summary>execve itself: decides between exit codes 126 and 127.</summary>
    Exec,
}
