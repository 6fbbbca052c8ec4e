using System.Security.Cryptography;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>Hashes what is written through it.</summary>
internal sealed class HashedCopy(Stream target, IncrementalHash hash) : ForwardStream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        hash.AppendData(buffer);
        target.Write(buffer);
    }
}
