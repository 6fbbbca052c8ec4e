using Gantry.Api.BuildKit.Wire.Ssh;
using Google.Protobuf;
using Grpc.Core;

namespace Gantry.Api.BuildKit.Session;

/// <summary>A connection to a client's SSH agent: the bytes of a Unix socket in messages.</summary>
internal sealed class AgentStream(AsyncDuplexStreamingCall<BytesMessage, BytesMessage> call) : Stream
{
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (_rest.IsEmpty)
            {
                if (!await call.ResponseStream.MoveNext(cancellationToken))
                    return 0;
                _rest = call.ResponseStream.Current.Data.Memory;
            }
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException($"the client's SSH agent ended the connection: {e.Status.Detail}", e);
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await call.RequestStream.WriteAsync(new BytesMessage { Data = ByteString.CopyFrom(buffer.Span) }, cancellationToken);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException("the client's SSH agent ended the connection", e);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Every write is a message of its own.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("an agent is read asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("an agent is written asynchronously");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            call.Dispose();
        base.Dispose(disposing);
    }
}
