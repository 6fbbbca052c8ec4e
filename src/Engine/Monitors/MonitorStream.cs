namespace Gantry.Engine.Monitors;

/// <summary>
/// One client's view of a container's (or an exec's) streams, alive from the moment it is made: make it when the client
/// attaches, hand it to <see cref="MonitorClient.AttachAsync"/> or <see cref="MonitorClient.ExecAsync"/> when there is
/// a monitor. What is written before is kept by the kernel.
/// </summary>
/// <remarks>
/// Reading gives Docker's framing (8-byte header [stream, 0, 0, 0, length BE32]), or plain bytes when there is a
/// terminal; end of stream when the process has ended or could not be started. Writing is plain standard input.
/// Disposing detaches.
/// </remarks>
public sealed class MonitorStream : Stream
{
    /// <summary>Makes an unbound stream.</summary>
    /// <param name="detachKeys">The byte sequence that detaches when it is written (terminals only); empty: none.</param>
    public static MonitorStream Create(ReadOnlyMemory<byte> detachKeys = default) => throw new NotSupportedException();

    /// <summary>Whether the detach keys have ended this stream.</summary>
    public bool Detached { get; private set; }

    /// <summary>Ends standard input; output goes on.</summary>
    public void CloseWrite() => throw new NotSupportedException();

    /// <summary>Gives up on a stream that was never bound: its reader sees the end.</summary>
    public void Abandon() => throw new NotSupportedException();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
