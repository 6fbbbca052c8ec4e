using Gantry.Cli.Output;
using Gantry.Kernel.Sys;
using Gantry.Model;

namespace Gantry.Cli.Copy;

/// <summary>Counts what a copy moves, shows it on a terminal while it goes on, and says at the end how much it was.</summary>
internal sealed class CopyMeter(TextOutput error, string going, bool quiet)
{
    private const long BetweenTicks = 100;

    private readonly bool _shows = !quiet && Terminals.IsTerminal(2);
    private long _bytes;
    private long _shown;

    /// <summary>A stream that counts what goes through it, in the direction that it is used.</summary>
    public Stream Through(Stream inner) => new Counted(inner, Add);

    /// <summary>Says that all was copied.</summary>
    public void Done(string to)
    {
        Clear();
        if (!quiet)
            error.WriteLine($"Successfully copied {Units.Size(_bytes)} to {to}");
    }

    /// <summary>Takes the line off the terminal, before an error is shown.</summary>
    public void Clear()
    {
        if (_shown == 0)
            return;
        error.Write("\r\x1b[2K");
        error.Flush();
        _shown = 0;
    }

    private void Add(int count)
    {
        _bytes += count;
        if (!_shows || Environment.TickCount64 - _shown < BetweenTicks)
            return;
        _shown = Environment.TickCount64;
        error.Write($"\r\x1b[2K{going} - {Units.Size(_bytes)}");
        error.Flush();
    }

    private sealed class Counted(Stream inner, Action<int> add) : ForwardStream
    {
        public override bool CanRead => inner.CanRead;

        public override bool CanWrite => inner.CanWrite;

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            add(read);
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            inner.Write(buffer);
            add(buffer.Length);
        }
    }
}
