namespace Gantry.Kernel.Launch;

/// <summary>
/// What a child tells its parent: 16 bytes of two numbers in host order. <c>create</c> runs like this:
/// <code>
/// child                                parent
///   Ask 0   ───────────────────────►   write the user namespace's maps       (with a user namespace)
///           ◄───────────────────────   1 byte
///   Root    ───────────────────────►   keeps the root's descriptor           (SCM_RIGHTS)
///   Ask k   ───────────────────────►   makes a missing mount point, runs hooks, …
///           ◄───────────────────────   1 byte
///   Terminal ──────────────────────►   keeps the pty's master side           (SCM_RIGHTS)
///   Ready   ───────────────────────►   create returns
///           ◄───────────────────────   1 byte: start (or by the FIFO)
///   Executing ─────────────────────►
///   execve closes the channel  ────►   start returns
/// </code>
/// Failed can come instead of any of them. The channel's end without Executing before it means that the child was killed.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Ask: what is asked for; Failed: the step.</param>
/// <param name="Errno">Failed: the error number.</param>
public readonly record struct ChildMessage(ChildMessageKind Kind, int Value, int Errno)
{
    /// <summary>Size on the wire.</summary>
    public const int SizeBytes = 16;
}
