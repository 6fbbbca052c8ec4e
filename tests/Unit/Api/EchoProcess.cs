using System.Threading.Channels;
using Gantry.Engine.Containers;

namespace Gantry.Tests.Unit.Api;

/// <summary>A process that writes back what it reads, and ends some time after its standard input has ended.</summary>
internal sealed class EchoProcess(bool terminal, string farewell) : AttachedStream
{
    private const int PieceBytes = 4096;

    private readonly Channel<byte[]> _output = Channel.CreateUnbounded<byte[]>();

    public bool InputEnded { get; private set; }

    public bool Disposed { get; private set; }

    public override bool Terminal => terminal;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!await _output.Reader.WaitToReadAsync(cancellationToken) || !_output.Reader.TryRead(out var bytes))
            return 0;
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        // In pieces that fit whoever reads them back.
        for (; buffer.Length > PieceBytes; buffer = buffer[PieceBytes..])
            _output.Writer.TryWrite(buffer[..PieceBytes].ToArray());
        _output.Writer.TryWrite(buffer.ToArray());
        return ValueTask.CompletedTask;
    }

    public override async ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        InputEnded = true;
        // Output goes on after the end of input: this is what a half-closed connection must survive.
        await Task.Delay(50, cancellationToken);
        _output.Writer.TryWrite(System.Text.Encoding.ASCII.GetBytes(farewell));
        _output.Writer.Complete();
    }

    public override ValueTask DisposeAsync()
    {
        Disposed = true;
        _output.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
