using System.Security.Cryptography;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>Hashes what is read through it.</summary>
internal sealed class HashingStream(Stream source, IncrementalHash hash) : ForwardStream
{
    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        hash.AppendData(buffer[..read]);
        return read;
    }
}
