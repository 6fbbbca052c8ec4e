namespace Gantry.Kernel.Sys;

/// <summary>Protocols that have ports, by their numbers in IP. Source: uapi/linux/in.h.</summary>
public enum Transport
{
    /// <summary>No protocol.</summary>
    None = 0,

    Tcp = 6,

    Udp = 17,

    /// <summary>Many kernels have it as a module that is not loaded, or not at all.</summary>
    Sctp = 132,
}
