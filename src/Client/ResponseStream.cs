using Gantry.Client.Http;
using Gantry.Model;

namespace Gantry.Client;

/// <summary>A response's body that owns its response.</summary>
internal sealed class ResponseStream(HttpResponse response) : ForwardStream
{
    public override int Read(Span<byte> buffer) => response.Body.Read(buffer);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            response.Dispose();
        base.Dispose(disposing);
    }
}
