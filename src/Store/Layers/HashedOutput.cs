using System.Security.Cryptography;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>Hashes and counts what is written to it, and keeps nothing.</summary>
internal sealed class HashedOutput(IncrementalHash hash) : ForwardStream
{
    private long _written;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    /// <summary>Bytes so far.</summary>
    public long Written => _written;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        hash.AppendData(buffer);
        _written += buffer.Length;
    }
}
