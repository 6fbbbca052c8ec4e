using System.IO.Pipelines;
using Gantry.Api.Streams;

namespace Gantry.Api.BuildKit.Session;

/// <summary>A taken connection on which the engine is the client. Tells when it has ended.</summary>
internal sealed class SessionStream(IDuplexPipe pipe) : Stream
{
    private readonly DuplexStream _inner = new(pipe);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the client closed the connection, or it was disposed of here.</summary>
    public Task Ended => _ended.Task;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await _inner.ReadAsync(buffer, cancellationToken);
            if (count == 0 && buffer.Length > 0)
                _ended.TrySetResult();
            return count;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            _ended.TrySetResult();
            throw;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("a connection is read asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("a connection is written asynchronously");

    public override void Flush()
    {
        // Pipes are flushed as they are written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pipe.Input.CancelPendingRead();
            _ended.TrySetResult();
        }

        base.Dispose(disposing);
    }
}
