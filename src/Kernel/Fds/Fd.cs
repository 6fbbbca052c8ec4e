using System.Runtime.InteropServices;

namespace Gantry.Kernel.Fds;

/// <summary>An open file descriptor with one owner, closed when disposed. Always close-on-exec.</summary>
public sealed partial class Fd : SafeHandle
{
    /// <summary>An empty handle, to be filled by the marshaller.</summary>
    public Fd()
        : base(-1, ownsHandle: true)
    {
    }

    /// <summary>Takes ownership of a descriptor.</summary>
    public Fd(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The descriptor's number. Valid while this object lives; do not close it.</summary>
    public int Number => (int)handle;

    /// <summary>A path through which the descriptor's file can be reached by calls that take paths.</summary>
    public string ProcPath => $"/proc/self/fd/{Number}";

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Close((int)handle) == 0;

    // NOTE: never retried on EINTR: on Linux the descriptor is gone even then, and may be somebody else's by now.
    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
