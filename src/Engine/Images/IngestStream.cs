using Gantry.Model;
using Gantry.Store;

namespace Gantry.Engine.Images;

/// <summary>Writes into a blob that is being received.</summary>
internal sealed class IngestStream(BlobIngest ingest) : ForwardStream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

    public override void Write(byte[] buffer, int offset, int count) => ingest.Write(buffer.AsSpan(offset, count));
}
