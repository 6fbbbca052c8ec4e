using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Gantry.Engine.Logs;

/// <summary>A file of a log that was full and is compressed. It is read from its beginning, whatever of it is wanted.</summary>
internal sealed class PackedLogFile(SafeFileHandle handle) : LogFile(handle)
{
    private Stream? _content;

    /// <inheritdoc/>
    public override int SeekBack(int lines)
    {
        var buffer = new byte[Block];
        var found = 0;
        using (var content = Unpack())
        {
            while (Read(content, buffer) is > 0 and var count)
                found += buffer.AsSpan(0, count).Count((byte)'\n');
        }

        Rewind(Math.Max(0, found - lines));
        return Math.Min(found, lines);
    }

    /// <inheritdoc/>
    public override void SeekTime(DateTimeOffset since) => Rewind(0);

    /// <inheritdoc/>
    public override void SeekEnd() => Rewind(int.MaxValue);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _content?.Dispose();
        base.Dispose();
    }

    private protected override int ReadHead(Span<byte> buffer)
    {
        using var content = Unpack();
        var total = 0;
        while (total < buffer.Length && Read(content, buffer[total..]) is > 0 and var count)
            total += count;
        return total;
    }

    private protected override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await (_content ??= Unpack()).ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return 0; // a loss of power has torn it: what was before is what there is
        }
    }

    private void Rewind(int skip)
    {
        _content?.Dispose();
        _content = null;
        Empty();
        Skip = skip;
    }

    private GZipStream Unpack() => new(new FileStream(new SafeFileHandle(Handle.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, Block), CompressionMode.Decompress);

    private static int Read(Stream content, Span<byte> buffer)
    {
        try
        {
            return content.Read(buffer);
        }
        catch (InvalidDataException)
        {
            return 0;
        }
    }
}
