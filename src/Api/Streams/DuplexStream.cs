using System.IO.Pipelines;
using Gantry.Model;

namespace Gantry.Api.Streams;

/// <summary>A connection's two pipes as one stream, for what takes no pipes. Asynchronous only.</summary>
internal sealed class DuplexStream(IDuplexPipe pipe) : ForwardStream
{
    private readonly Stream _input = pipe.Input.AsStream(leaveOpen: true);
    private readonly Stream _output = pipe.Output.AsStream(leaveOpen: true);

    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("a connection is read asynchronously");

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("a connection is written asynchronously");

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);
}
