using System.Security.Cryptography;
using Gantry.Model;

namespace Gantry.Store;

/// <summary>Hashes and counts what is written to it, and keeps nothing. Much of it is hashed beside the thread that writes.</summary>
/// <param name="hash">Stays the caller's, who takes the digest after <see cref="Finish"/>.</param>
public sealed class HashedOutput(IncrementalHash hash) : ForwardStream
{
    // Below it, handing pieces over costs more than it gains.
    private const int AloneBytes = 4 << 20;

    private byte[] _handed = [];
    private Task _hashing = Task.CompletedTask;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <summary>Bytes so far.</summary>
    public long Written { get; private set; }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => throw new NotSupportedException("it can only be written");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Written += buffer.Length;
        if (Written < AloneBytes)
        {
            hash.AppendData(buffer);
            return;
        }

        Finish();
        if (_handed.Length < buffer.Length)
            _handed = new byte[buffer.Length];
        buffer.CopyTo(_handed);
        var count = buffer.Length;
        _hashing = Task.Factory.StartNew(() => hash.AppendData(_handed, 0, count), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }

    /// <summary>Waits until all is hashed.</summary>
    public void Finish() => _hashing.GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The hash is not to be disposed of while it is written to.
        Finish();
        base.Dispose(disposing);
    }
}
