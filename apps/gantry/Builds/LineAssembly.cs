using System.Text;

namespace Gantry.Cli.Builds;

/// <summary>Puts pieces of output, cut anywhere, together to lines.</summary>
internal sealed class LineAssembly
{
    // Longer lines are shown in parts.
    private const int LongestLine = 16 << 10;

    private readonly (Decoder Decoder, StringBuilder Text)[] _streams = [(Encoding.UTF8.GetDecoder(), new()), (Encoding.UTF8.GetDecoder(), new())];
    private readonly double[] _begun = [-1, -1];

    /// <summary>Takes a piece; returns the lines that are whole now.</summary>
    /// <param name="stream">1 or 2.</param>
    /// <param name="seconds">Since the step began: a line's time is that of its first piece.</param>
    public IReadOnlyList<LogLine> Add(int stream, ReadOnlySpan<byte> data, double seconds)
    {
        var place = stream == 2 ? 1 : 0;
        var (decoder, text) = _streams[place];
        var chars = new char[decoder.GetCharCount(data, flush: false)];
        decoder.GetChars(data, chars, flush: false);
        var lines = new List<LogLine>();
        foreach (var c in chars)
        {
            if (_begun[place] < 0)
                _begun[place] = seconds;
            if (c != '\n' && text.Length < LongestLine)
            {
                text.Append(c);
                continue;
            }
            lines.Add(Take(place));
            if (c != '\n')
            {
                _begun[place] = seconds;
                text.Append(c);
            }
        }

        return lines;
    }

    /// <summary>The lines that never ended.</summary>
    public IReadOnlyList<LogLine> Finish() => [.. new[] { 0, 1 }.Where(place => _streams[place].Text.Length > 0).Select(Take)];

    private LogLine Take(int place)
    {
        var text = _streams[place].Text;
        var line = text.ToString().TrimEnd('\r');
        // What a bar was before it was drawn anew is of no interest.
        var rewound = line.LastIndexOf('\r');
        var taken = new LogLine(_begun[place], rewound < 0 ? line : line[(rewound + 1)..]);
        text.Clear();
        _begun[place] = -1;
        return taken;
    }
}
