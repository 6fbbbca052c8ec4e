using Gantry.Model;

namespace Gantry.Store;

/// <summary>Writes into a blob that is being received.</summary>
public sealed class IngestStream(BlobIngest ingest) : ForwardStream
{
    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => ingest.Write(buffer);
}
