using Gantry.Api.Streams;
using Gantry.Model;

namespace Gantry.Api.Builds;

/// <summary>A connection that a build asked its client for. Disposing it ends the request that it came by.</summary>
internal sealed class BuildConnection(HijackedStream hijacked) : ForwardStream
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DuplexStream _stream = hijacked.AsStream();

    /// <summary>Completes when nobody uses it any more.</summary>
    public Task Ended => _ended.Task;

    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => _stream.Read(buffer);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _stream.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => _stream.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _stream.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => _stream.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _ended.TrySetResult();
        base.Dispose(disposing);
    }
}
