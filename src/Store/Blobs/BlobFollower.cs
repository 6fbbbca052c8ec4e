using Gantry.Model;

namespace Gantry.Store;

/// <summary>Reads a blob while it is being received.</summary>
internal sealed class BlobFollower(BlobIngest ingest) : ForwardStream
{
    private long _offset;
    private bool _disposed;

    public override int Read(Span<byte> buffer)
    {
        var read = ingest.ReadAt(buffer, _offset);
        _offset += read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (!_disposed)
        {
            _disposed = true;
            ingest.Release();
        }

        base.Dispose(disposing);
    }
}
