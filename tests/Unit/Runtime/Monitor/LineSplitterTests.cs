using System.Text;
using Gantry.Runtime.Monitor;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Monitor;

public sealed class LineSplitterTests
{
    private readonly List<(string Line, long Time)> _lines = [];
    private readonly LineSplitter _splitter = new();
    private long _time;

    [Fact]
    public void Split_LinesAreCutWhereverReadsEnd()
    {
        Split("one\ntw");
        Split("o\n\nfo");
        Split("ur");
        Assert.Equal(["one\n", "two\n", "\n"], Lines());

        _splitter.Finish(() => ++_time, Take);
        Assert.Equal("four", _lines[^1].Line);
    }

    [Fact]
    public void Split_LongLineBecomesPiecesOfOneTime()
    {
        var text = new string('x', 40_000) + "\n";
        for (var at = 0; at < text.Length; at += 7_001)
            Split(text[at..Math.Min(at + 7_001, text.Length)]);

        Assert.Equal([16_384, 16_384, 7_233], _lines.Select(line => line.Line.Length));
        Assert.Equal(text, string.Concat(Lines()));
        Assert.Single(_lines.Select(line => line.Time).Distinct());
    }

    [Fact]
    public void Split_LineOfExactlyOnePieceEndsWithAnEmptyOne()
    {
        Split(new string('x', 16_384) + "\nnext\n");

        Assert.Equal([new string('x', 16_384), "\n", "next\n"], Lines());
        Assert.Equal(_lines[0].Time, _lines[1].Time);
        Assert.NotEqual(_lines[1].Time, _lines[2].Time);
    }

    [Theory]
    [InlineData("é")]
    [InlineData("€")]
    [InlineData("🚀")]
    public void Split_NoPieceEndsInsideACharacter(string character)
    {
        for (var shift = 0; shift < 4; shift++)
        {
            _lines.Clear();
            var text = new string('a', shift) + string.Concat(Enumerable.Repeat(character, 9_000)) + "\n";
            Split(text);
            Assert.Equal(text, string.Concat(Lines()));
            Assert.DoesNotContain(Lines(), line => line.Contains('�', StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Split_BytesThatAreNoTextAreKeptAll()
    {
        var bytes = new byte[50_000];
        Array.Fill(bytes, (byte)0xbf);
        var count = 0;
        _splitter.Split(bytes, () => 1, (line, _) => count += line.Length);
        _splitter.Finish(() => 1, (line, _) => count += line.Length);
        Assert.Equal(bytes.Length, count);
    }

    private IEnumerable<string> Lines() => _lines.Select(line => line.Line);

    private void Split(string text) => _splitter.Split(Encoding.UTF8.GetBytes(text), () => ++_time, Take);

    private void Take(ReadOnlySpan<byte> line, long time) => _lines.Add((Encoding.UTF8.GetString(line), time));
}
