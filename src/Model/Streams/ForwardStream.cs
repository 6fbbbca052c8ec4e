namespace Gantry.Model;

/// <summary>
/// A stream that is read once, from its beginning to its end: it has no length and no position, and is not written to.
/// Whoever derives from it says how it is read; one that can be written to as well overrides <see cref="CanWrite"/> and the writing.
/// </summary>
public abstract class ForwardStream : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public sealed override bool CanSeek => false;

    /// <inheritdoc/>
    public sealed override long Length => throw new NotSupportedException("it has no length: it is read as it comes");

    /// <summary>There is none, unless a derived stream counts what was read; it can never be set.</summary>
    public override long Position
    {
        get => throw new NotSupportedException("it has no position: it is read as it comes");
        set => throw new NotSupportedException("it cannot be rewound: it is read as it comes");
    }

    /// <inheritdoc/>
    public abstract override int Read(Span<byte> buffer);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("it can only be read");

    /// <summary>Nothing to do: nothing is kept back.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("it cannot be rewound: it is read as it comes");

    /// <inheritdoc/>
    public sealed override void SetLength(long value) => throw new NotSupportedException("it has no length: it is read as it comes");
}
