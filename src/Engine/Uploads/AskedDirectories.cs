using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Gantry.Archive;
using Gantry.Build;
using Gantry.Engine.Operations;
using Gantry.Kernel.Fds;
using Gantry.Model;

namespace Gantry.Engine.Uploads;

/// <summary>
/// Directories of a client that is asked for them while its request is still being sent: for a listing first, then for the
/// contents that are not here.
/// </summary>
/// <remarks>
/// <code>
///  engine, as lines of its answer                                        client, in its request's body
///  {"send":{"listing":{"name":…,"excludes":[…],"followPaths":[…]}}}  →
///                                                                    ←   pieces, the last one empty: see ListingWriter
///  {"send":{"files":[0,7,…]}}  (numbers of entries; only if wanted)  →
///                                                                    ←   for each: pieces, the last one empty, and the same of
///                                                                        its entry as it is then, with extended attributes, which
///                                                                        listings lack; nothing: the file is gone
/// </code>
/// A piece is its length in four bytes, the highest first, and so many bytes. One directory at a time.
/// </remarks>
public sealed class AskedDirectories : IContextFiles, IDisposable
{
    /// <summary>Of one directory: that of two million files has a tenth of it.</summary>
    private const int MostListingBytes = 1 << 30;

    /// <summary>Of one level of a directory, of which only the names are asked for.</summary>
    private const int MostNameBytes = 16 << 20;

    private const int MostPieceBytes = 4 << 20;

    /// <summary>Of one entry: the kernel allows 64 KiB of names of attributes, and as much for each value.</summary>
    private const int MostEntryBytes = 1 << 20;

    private readonly IReadOnlyCollection<string> _names;
    private readonly Stream _body;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task> _ask;
    private readonly SemaphoreSlim _gate = new(1);
    private bool _isBroken;

    /// <summary>Makes the directories of one build.</summary>
    /// <param name="names">What the client has.</param>
    /// <param name="key">What keeps them apart from other clients'; empty: nothing is kept.</param>
    /// <param name="body">What the client sends; stays the caller's.</param>
    /// <param name="ask">Sends the client a line.</param>
    public AskedDirectories(IReadOnlyCollection<string> names, string key, Stream body, Func<ReadOnlyMemory<byte>, CancellationToken, Task> ask)
    {
        _names = names;
        SharedKey = key;
        _body = body;
        _ask = ask;
    }

    /// <inheritdoc/>
    public string SharedKey { get; }

    /// <inheritdoc/>
    public Task<ContextReceipt> ReceiveAsync(ContextRequest request, string directory, Action<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AskAsync(request, body => Receive(body, request.Known, directory, progress, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>?> ListAsync(ContextRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await AskAsync(request, ReadNames, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task<T> AskAsync<T>(ContextRequest request, Func<Stream, T> receive, CancellationToken cancellationToken)
    {
        if (!_names.Contains(request.Name))
            throw GantryException.Of(ErrorKind.NotFound, $"the client sent no directory \"{request.Name}\" with this build");
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_isBroken)
                throw BrokenOff();
            // What fails in the middle leaves the rest of the body without a meaning.
            _isBroken = true;
            await _ask(Line(json => WriteRequest(json, request)), cancellationToken);
            var received = await Threads.RunAsync(() => receive(new BlockingStream(_body, cancellationToken)));
            _isBroken = false;
            return received;
        }
        catch (EndOfStreamException)
        {
            throw BrokenOff();
        }
        finally
        {
            _gate.Release();
        }
    }

    private static List<string> ReadNames(Stream body)
    {
        var buffer = new byte[64 << 10];
        var reader = new ListingReader(ReadListing(body, ref buffer, MostNameBytes).WrittenSpan);
        List<string> names = [];
        while (reader.Next() is { } entry)
            names.Add(entry.Path);
        return names;
    }

    private ContextReceipt Receive(Stream body, Digest? known, string directory, Action<long>? progress, CancellationToken cancellationToken)
    {
        var buffer = new byte[256 << 10];
        var listing = ReadListing(body, ref buffer, MostListingBytes);
        var digest = Digest.OfSha256(SHA256.HashData(listing.WrittenSpan));
        progress?.Invoke(listing.WrittenCount);
        if (digest == known)
            return new() { Changed = false, Listing = digest };

        using var tree = new MirrorTree(directory);
        var wanted = Put(tree, listing.WrittenSpan, cancellationToken);
        var isAsListed = true;
        if (wanted.Count > 0)
        {
            // NOTE: waiting is right here: this thread is this work's own.
            _ask(Line(json => WriteWanted(json, wanted)), cancellationToken).GetAwaiter().GetResult();
            long bytes = listing.WrittenCount;
            foreach (var (_, entry) in wanted)
            {
                using var file = tree.OpenContent(entry);
                ReadPieces(body, ref buffer, piece =>
                {
                    MirrorTree.Write(entry, file, piece);
                    progress?.Invoke(bytes += piece.Length);
                });
                isAsListed &= Seal(tree, entry, file, new ListingReader(ReadListing(body, ref buffer, MostEntryBytes).WrittenSpan).Next());
            }
        }

        tree.Finish();
        return new() { Changed = tree.Changed, Listing = isAsListed ? digest : null };
    }

    private static List<(int Number, MirrorEntry Entry)> Put(MirrorTree tree, ReadOnlySpan<byte> listing, CancellationToken cancellationToken)
    {
        var wanted = new List<(int, MirrorEntry)>();
        var reader = new ListingReader(listing);
        for (var number = 0; reader.Next() is { } entry; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (tree.Put(entry))
                wanted.Add((number, entry));
        }

        return wanted;
    }

    // What changed since it was listed has another time at the client than here, and is asked for again the next time.
    private static bool Seal(MirrorTree tree, MirrorEntry entry, Fd file, MirrorEntry? now)
    {
        if (now is null)
        {
            tree.Drop(entry);
            return false;
        }

        MirrorTree.Seal(entry with { Xattrs = now.Xattrs }, file);
        return (now.Size, now.Modified, now.Permissions) == (entry.Size, entry.Modified, entry.Permissions);
    }

    private static ArrayBufferWriter<byte> ReadListing(Stream body, ref byte[] buffer, int mostBytes)
    {
        var listing = new ArrayBufferWriter<byte>(1024);
        ReadPieces(body, ref buffer, piece =>
        {
            if (listing.WrittenCount + piece.Length > mostBytes)
                throw GantryException.Of(ErrorKind.Exhausted, $"the listing of the client's directory is larger than {mostBytes >> 20} MiB: leave out what is not needed with a .dockerignore file");
            listing.Write(piece);
        });
        return listing;
    }

    private delegate void PieceAction(ReadOnlySpan<byte> piece);

    private static void ReadPieces(Stream body, ref byte[] buffer, PieceAction take)
    {
        Span<byte> head = stackalloc byte[4];
        while (true)
        {
            body.ReadExactly(head);
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (length == 0)
                return;
            if (length > MostPieceBytes)
                throw GantryException.Of(ErrorKind.Invalid, $"the client sent a piece of {length} bytes; {MostPieceBytes} are the most");
            if (buffer.Length < length)
                buffer = new byte[length];
            body.ReadExactly(buffer.AsSpan(0, (int)length));
            take(buffer.AsSpan(0, (int)length));
        }
    }

    private static void WriteRequest(Utf8JsonWriter json, ContextRequest request)
    {
        json.WriteStartObject("listing");
        json.WriteString("name", request.Name);
        WriteTexts(json, "excludes", request.Excludes);
        WriteTexts(json, "followPaths", request.FollowPaths);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void WriteWanted(Utf8JsonWriter json, List<(int Number, MirrorEntry Entry)> wanted)
    {
        json.WriteStartArray("files");
        foreach (var (number, _) in wanted)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static ReadOnlyMemory<byte> Line(Action<Utf8JsonWriter> content)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteStartObject("send");
            content(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }

    private static GantryException BrokenOff() => GantryException.Of(ErrorKind.Unavailable, "the client broke off while it sent its files");
}
