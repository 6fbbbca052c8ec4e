using System.Text;

namespace Gantry.Build;

/// <summary>A Dockerfile's lines, read one after the other.</summary>
internal sealed class SourceText
{
    // What BuildKit's scanner takes: 64 KiB with the line's end.
    private const int MaxLineBytes = 65535;

    private readonly List<string> _lines = [];
    private readonly int _tooLong;

    public SourceText(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            text = text[3..];
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            if ((end < 0 ? text.Length : end) > MaxLineBytes)
            {
                _tooLong = _lines.Count + 1;
                break;
            }
            var length = end < 0 ? text.Length : end + 1;
            _lines.Add(Encoding.UTF8.GetString(text[..length]));
            text = text[length..];
        }
    }

    /// <summary>The number of the line that was read last; 0: none was.</summary>
    public int LineNumber { get; private set; }

    /// <summary>The lines without their ends.</summary>
    public IReadOnlyList<string> Lines => [.. _lines.Select(TrimEnd)];

    /// <summary>The next line with its end; null: there is none, or it is too long.</summary>
    public string? Read() => LineNumber < _lines.Count ? _lines[LineNumber++] : null;

    /// <summary>Fails where reading stopped at a line that is too long.</summary>
    public void EnsureComplete()
    {
        if (_tooLong > 0)
            throw SyntaxFailure.Of($"dockerfile line greater than max allowed size of {MaxLineBytes}", new(_tooLong, _tooLong));
    }

    public static string TrimEnd(string line) => line.TrimEnd('\r', '\n');
}
