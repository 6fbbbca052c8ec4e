using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Runtime.Logs;

/// <summary>One connection to a log server, which never waits. Failures come as negative error numbers.</summary>
internal interface ILogLink : IDisposable
{
    Fd Socket { get; }

    /// <summary>Whether what is sent is on its way; else the server has not agreed yet.</summary>
    bool IsReady { get; }

    /// <summary>What the loop is to watch for.</summary>
    /// <param name="hasWaiting">Whether something waits to be sent.</param>
    Readiness Interest(bool hasWaiting);

    int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Takes what the server says.</summary>
    int TryDrain();

    /// <summary>Waits until sending can go on; false when the time passed.</summary>
    bool Wait(int timeoutMs);
}
