using System.Security.Cryptography;
using Gantry.Model;
using Microsoft.Win32.SafeHandles;

namespace Gantry.Store;

/// <summary>
/// A blob being received: hashed while it is written, and readable by followers before it is whole. Disposing without
/// <see cref="Commit"/> leaves nothing. One writer; followers are on other threads.
/// </summary>
public sealed class BlobIngest : IDisposable
{
    private readonly BlobStore _store;
    private readonly string _path;
    private readonly Digest? _expected;
    private readonly long? _sizeBytes;
    private readonly Lease _lease;
    private readonly SafeFileHandle _file;
    private readonly IncrementalHash _hash;
    private readonly Lock _lock = new();
    private readonly object _grown = new();
    private long _written;
    private bool _complete;
    private Exception? _failure;
    private int _openers = 1;
    private bool _disposed;

    internal BlobIngest(BlobStore store, string path, Digest? expected, long? sizeBytes, Lease lease)
    {
        _store = store;
        _path = path;
        _expected = expected;
        _sizeBytes = sizeBytes;
        _lease = lease;
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _hash = IncrementalHash.CreateHash(expected?.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);
    }

    /// <summary>Bytes received.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>The digest, once committed.</summary>
    public Digest? Digest { get; private set; }

    /// <summary>Appends.</summary>
    /// <exception cref="GantryException">Invalid: more comes than was declared. Exhausted: no space left.</exception>
    public void Write(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
            return;
        var at = Written;
        if (at + content.Length > _sizeBytes)
            throw GantryException.Of(ErrorKind.Invalid, $"content {_expected} is larger than the {_sizeBytes} bytes that its descriptor declares");
        try
        {
            RandomAccess.Write(_file, content, at);
        }
        catch (IOException e) when (e.HResult is 28 or 122 || IsFull(e))
        {
            throw GantryException.Of(ErrorKind.Exhausted, $"no space left on device for {_store.Root}: free some, for example with \"docker image prune\"", cause: e);
        }

        _hash.AppendData(content);
        lock (_grown)
        {
            Interlocked.Exchange(ref _written, at + content.Length);
            Monitor.PulseAll(_grown);
        }
    }

    /// <summary>Checks size and digest, syncs, and gives the blob its name. Followers then see the end.</summary>
    /// <returns>The digest.</returns>
    /// <exception cref="GantryException">Invalid: truncated, or not the digest expected.</exception>
    public Digest Commit()
    {
        var digest = Verify();
        // Followers can finish while the disk does.
        Complete(null);
        RandomAccess.FlushToDisk(_file);
        _store.Publish(_path, digest, _lease);
        lock (_lock)
            Digest = digest;
        return digest;
    }

    /// <summary>Checks size and digest of what was received; nothing can be written afterwards.</summary>
    private Digest Verify()
    {
        if (_sizeBytes is not null && Written != _sizeBytes)
            throw GantryException.Of(ErrorKind.Invalid, $"content {_expected} is truncated: {Written} of {_sizeBytes} bytes came");
        var hash = Convert.ToHexStringLower(_hash.GetHashAndReset());
        var digest = Model.Digest.Parse((_expected?.Algorithm ?? "sha256") + ":" + hash);
        if (_expected is not null && digest != _expected)
            throw GantryException.Of(ErrorKind.Invalid, $"content does not match its digest: expected {_expected}, got {digest}; it was changed or damaged on its way");
        return digest;
    }

    /// <summary>Tells followers that no more comes, and why.</summary>
    public void Fail(Exception failure) => Complete(failure);

    /// <summary>A reader from the start that waits for what has not come yet; blocking, for a thread of its own.</summary>
    public Stream Follow()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_openers == 0, this);
            _openers++;
        }

        return new BlobFollower(this);
    }

    /// <summary>Drops what was not committed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        Complete(new OperationCanceledException("the download was given up"));
        if (Digest is null)
            File.Delete(_path);
        _hash.Dispose();
        Release();
    }

    // Bytes read, 0 at the end; blocks until there are some.
    internal int ReadAt(Span<byte> buffer, long offset)
    {
        long available;
        lock (_grown)
        {
            while (_written <= offset && !_complete)
                Monitor.Wait(_grown);
            if (_failure is not null)
                throw new IOException("the content that was followed did not come to its end", _failure);
            available = _written - offset;
        }

        if (available <= 0)
            return 0;
        return RandomAccess.Read(_file, buffer[..(int)Math.Min(buffer.Length, available)], offset);
    }

    internal void Release()
    {
        lock (_lock)
        {
            if (--_openers == 0)
                _file.Dispose();
        }
    }

    // HResult of .NET's IOException on Unix is the platform-neutral ERROR_DISK_FULL or the raw errno.
    private static bool IsFull(IOException e) => (e.HResult & 0xFFFF) == 0x70;

    private void Complete(Exception? failure)
    {
        lock (_grown)
        {
            if (_complete)
                return;
            _complete = true;
            _failure = failure;
            Monitor.PulseAll(_grown);
        }
    }
}
