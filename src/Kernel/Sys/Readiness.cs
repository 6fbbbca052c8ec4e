namespace Gantry.Kernel.Sys;

/// <summary>What a file is ready for. Values of EPOLL* in uapi/linux/eventpoll.h.</summary>
[Flags]
public enum Readiness : uint
{
    None = 0,

    /// <summary>There is something to read, or the end.</summary>
    Readable = 0x1,

    /// <summary>Something out of the ordinary: for files of cgroups and of /proc, a change.</summary>
    Priority = 0x2,

    Writable = 0x4,

    /// <summary>An error is pending; always reported.</summary>
    Error = 0x8,

    /// <summary>Both directions are gone; always reported.</summary>
    HangUp = 0x10,

    /// <summary>The peer will send no more.</summary>
    PeerClosed = 0x2000,
}
