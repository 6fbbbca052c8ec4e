using System.Buffers;
using System.Buffers.Binary;

namespace Gantry.Api.BuildKit.Transport;

/// <summary>A stream below an HTTP/2 client that sends a header with several values as several headers.</summary>
/// <remarks>
/// gRPC metadata may have many values of one name, and BuildKit's clients read each as one pattern or path. HttpClient would send them
/// as one, joined by commas, which may be part of a pattern. The values are joined by <see cref="Separator"/> instead, and this stream,
/// which sees what HttpClient writes, takes the header blocks apart. HttpClient's encoder keeps no state (RFC 7541, literals without
/// indexing), so a block may be changed without the next one being another. Whatever cannot be read passes unchanged.
/// </remarks>
internal sealed class RepeatedHeaders(Stream inner) : Stream
{
    /// <summary>Stands between values; no value has it, for it is no printable character.</summary>
    public const char Separator = '\x1f';

    private const int PrefaceBytes = 24;
    private const int FrameHeadBytes = 9;
    private const byte Headers = 1;
    private const byte Continuation = 9;
    private const byte EndHeaders = 4;
    private const byte PaddedOrPriority = 0x28;
    private const int MostBlockBytes = 16384;

    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly ArrayBufferWriter<byte> _block = new();
    private byte[]? _blockHead;
    private long _passing = PrefaceBytes;
    private int _frameBytes;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var output = new ArrayBufferWriter<byte>(buffer.Length + 64);
        Filter(buffer.Span, output);
        if (output.WrittenCount > 0)
            await inner.WriteAsync(output.WrittenMemory, cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("a connection is read asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("a connection is written asynchronously");

    public override void Flush()
    {
        // Nothing is kept back but parts of header blocks.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private void Filter(ReadOnlySpan<byte> input, ArrayBufferWriter<byte> output)
    {
        while (!input.IsEmpty)
        {
            if (_passing > 0)
            {
                var count = (int)Math.Min(_passing, input.Length);
                output.Write(input[..count]);
                input = input[count..];
                _passing -= count;
                continue;
            }

            // A frame's head, and, of one that has headers, the whole of it.
            var needed = _frame.WrittenCount < FrameHeadBytes ? FrameHeadBytes : FrameHeadBytes + _frameBytes;
            var taken = Math.Min(needed - _frame.WrittenCount, input.Length);
            _frame.Write(input[..taken]);
            input = input[taken..];
            if (_frame.WrittenCount < FrameHeadBytes)
                continue;
            var frame = _frame.WrittenSpan;
            if (frame.Length == FrameHeadBytes)
            {
                _frameBytes = (frame[0] << 16) | (frame[1] << 8) | frame[2];
                if (frame[3] is not (Headers or Continuation) || (frame[3] == Headers && (frame[4] & PaddedOrPriority) != 0))
                {
                    output.Write(frame);
                    _frame.ResetWrittenCount();
                    _passing = _frameBytes;
                    continue;
                }
            }

            if (frame.Length == FrameHeadBytes + _frameBytes)
            {
                EndFrame(frame, output);
                _frame.ResetWrittenCount();
            }
        }
    }

    private void EndFrame(ReadOnlySpan<byte> frame, ArrayBufferWriter<byte> output)
    {
        if (frame[3] == Headers)
            _blockHead = frame[..FrameHeadBytes].ToArray();
        _block.Write(frame[FrameHeadBytes..]);
        if ((frame[4] & EndHeaders) == 0 || _blockHead is null)
            return;
        var block = new ArrayBufferWriter<byte>(_block.WrittenCount + 64);
        if (!HeaderBlock.TrySplit(_block.WrittenSpan, (byte)Separator, block))
        {
            block.ResetWrittenCount();
            block.Write(_block.WrittenSpan);
        }

        WriteBlock(_blockHead, block.WrittenSpan, output);
        _block.ResetWrittenCount();
        _blockHead = null;
    }

    // The same frame with another block, and as many continuations as it needs.
    private static void WriteBlock(byte[] head, ReadOnlySpan<byte> block, ArrayBufferWriter<byte> output)
    {
        var first = true;
        do
        {
            var part = block[..Math.Min(block.Length, MostBlockBytes)];
            block = block[part.Length..];
            var target = output.GetSpan(FrameHeadBytes);
            head.CopyTo(target);
            target[0] = (byte)(part.Length >> 16);
            BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)part.Length);
            target[3] = first ? Headers : Continuation;
            target[4] = (byte)((first ? head[4] & ~EndHeaders : 0) | (block.IsEmpty ? EndHeaders : 0));
            output.Advance(FrameHeadBytes);
            output.Write(part);
            first = false;
        }
        while (!block.IsEmpty);
    }
}
