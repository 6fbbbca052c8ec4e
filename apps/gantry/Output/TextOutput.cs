using System.Text;
using Gantry.Kernel.Fds;
using Gantry.Kernel.Sys;

namespace Gantry.Cli.Output;

/// <summary>
/// Standard output or error: UTF-8, buffered until flushed. Not System.Console, whose start-up sets up a terminal that
/// this program does not need. Safe for use by several threads.
/// </summary>
internal sealed class TextOutput : IDisposable
{
    private readonly Stream _stream;
    private readonly Lock _gate = new();
    private byte[] _buffer = new byte[4096];
    private int _used;

    /// <summary>Writes to a stream.</summary>
    public TextOutput(Stream stream) => _stream = stream;

    /// <summary>Writes to a descriptor, which stays open.</summary>
    public static TextOutput OfDescriptor(int descriptor)
    {
        try
        {
            return new(DescriptorStream.Standard(descriptor));
        }
        catch (SyscallException)
        {
            // The descriptor is closed, or is one that cannot be written: what is said is said to nobody.
            return new(Stream.Null);
        }
    }

    /// <summary>Writes text.</summary>
    public void Write(string text)
    {
        lock (_gate)
        {
            var most = Encoding.UTF8.GetMaxByteCount(text.Length);
            if (_used + most > _buffer.Length)
            {
                FlushBuffer();
                if (most > _buffer.Length)
                    _buffer = new byte[most];
            }
            _used += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_used));
        }
    }

    /// <summary>What ends a line: a line feed, behind what else the terminal needs there.</summary>
    public string LineEnd { get; set; } = "\n";

    /// <summary>Writes text and ends the line.</summary>
    public void WriteLine(string text = "")
    {
        lock (_gate)
        {
            Write(text);
            Write(LineEnd);
        }
    }

    /// <summary>Writes bytes at once.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            FlushBuffer();
            _stream.Write(bytes);
        }
    }

    /// <summary>Hands everything written to the kernel.</summary>
    public void Flush()
    {
        lock (_gate)
            FlushBuffer();
    }

    public void Dispose() => _stream.Dispose();

    private void FlushBuffer()
    {
        if (_used == 0)
            return;
        var used = _used;
        // Forgotten before it is written: after a failed write (EPIPE) the same bytes must not be tried again.
        _used = 0;
        _stream.Write(_buffer, 0, used);
    }
}
