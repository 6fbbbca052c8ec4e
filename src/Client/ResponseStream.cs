using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>A response's body that owns its response.</summary>
internal sealed class ResponseStream(HttpResponse response) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => response.Body.Length;

    public override long Position { get => response.Body.Position; set => response.Body.Position = value; }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => response.Body.Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => response.Body.Read(buffer);

    public override long Seek(long offset, SeekOrigin origin) => response.Body.Seek(offset, origin);

    public override void SetLength(long value) => response.Body.SetLength(value);

    public override void Write(byte[] buffer, int offset, int count) => response.Body.Write(buffer, offset, count);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            response.Dispose();
        base.Dispose(disposing);
    }
}
