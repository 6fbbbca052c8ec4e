namespace Gantry.Engine.Images;

/// <summary>
/// Lets code on a thread of its own read a stream that can only be read asynchronously, as request bodies. Never on a
/// pool thread.
/// </summary>
internal sealed class BlockingStream(Stream source, CancellationToken cancellationToken) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var reading = source.ReadAsync(buffer.AsMemory(offset, count), cancellationToken);
        return reading.IsCompletedSuccessfully ? reading.GetAwaiter().GetResult() : reading.AsTask().GetAwaiter().GetResult();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
