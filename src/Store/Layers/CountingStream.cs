using Gantry.Model;

namespace Gantry.Store;

/// <summary>Counts what is read through it.</summary>
internal sealed class CountingStream(Stream source, Action<long>? progress) : ForwardStream
{
    private long _count;

    /// <summary>Bytes so far; may be asked from another thread.</summary>
    public long Count => Interlocked.Read(ref _count);

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        var count = Interlocked.Add(ref _count, read);
        progress?.Invoke(count);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
