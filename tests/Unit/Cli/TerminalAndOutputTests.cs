using System.Text;
using Gantry.Cli;
using Gantry.Cli.Output;
using Gantry.Cli.Terminal;
using Gantry.Client;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Cli;

public sealed class TerminalAndOutputTests
{
    [Theory]
    [InlineData(0, "0B")]
    [InlineData(999, "999B")]
    [InlineData(1000, "1kB")]
    [InlineData(12345, "12.3kB")]
    [InlineData(999950, "1e+03kB")]
    [InlineData(4261550, "4.26MB")]
    [InlineData(1500000000, "1.5GB")]
    public void ShowsSizes(long bytes, string text) => Assert.Equal(text, Units.Size(bytes, 3));

    [Theory]
    [InlineData(0.5, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(3599, "59 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(7200, "2 hours")]
    [InlineData(172800, "2 days")]
    [InlineData(1209600, "2 weeks")]
    [InlineData(5184000, "2 months")]
    [InlineData(63072000, "2 years")]
    public void ShowsDurations(double seconds, string text) => Assert.Equal(text, Units.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("abc", "", false, "abc")]
    [InlineData("a\u0010b", "", false, "a\u0010b")]
    [InlineData("a\u0010\u0011b", "", true, "a")]
    [InlineData("a\u0010\u0010\u0011b", "", true, "a\u0010")]
    [InlineData("xq", "q", true, "x")]
    public void FindsDetachKeys(string typed, string keys, bool detached, string sent)
    {
        using var send = new MemoryStream();
        Assert.Equal(detached, DetachKeys.Parse(keys).Filter(Encoding.UTF8.GetBytes(typed), send));
        Assert.Equal(sent, Encoding.UTF8.GetString(send.ToArray()));
    }

    [Fact]
    public void FindsDetachKeys_TypedOneByOne()
    {
        using var send = new MemoryStream();
        var keys = DetachKeys.Default;
        Assert.False(keys.Filter([16], send));
        Assert.Equal(0, send.Length);
        Assert.True(keys.Filter([17], send));
    }

    [Fact]
    public void RefusesDetachKeysThatAreNone() => Assert.Throws<GantryException>(() => DetachKeys.Parse("ctrl-1"));

    [Fact]
    public void TakesFramesApart_WhereverTheyAreCut()
    {
        byte[] framed = [1, 0, 0, 0, 0, 0, 0, 3, (byte)'o', (byte)'u', (byte)'t', 2, 0, 0, 0, 0, 0, 0, 2, (byte)'e', (byte)'r', 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'!'];
        for (var piece = 1; piece <= framed.Length; piece++)
        {
            var at = 0;
            var (stdout, stderr) = (new StringBuilder(), new StringBuilder());
            OutputFrames.Copy(
                into =>
                {
                    var count = Math.Min(piece, framed.Length - at);
                    framed.AsSpan(at, count).CopyTo(into);
                    at += count;
                    return count;
                },
                b => stdout.Append(Encoding.ASCII.GetString(b)),
                b => stderr.Append(Encoding.ASCII.GetString(b)));
            Assert.Equal(("out!", "er"), (stdout.ToString(), stderr.ToString()));
        }
    }

    [Theory]
    [InlineData("exec: \"x\": executable file not found in $PATH", 127)]
    [InlineData("stat /x: no such file or directory: unknown", 127)]
    [InlineData("exec /x: permission denied: unknown", 126)]
    [InlineData("exec /x: exec format error", 126)]
    [InlineData("Conflict. The container name is taken", 125)]
    public void ExitCodesFollowTheMessage(string message, int code) => Assert.Equal(code, ExitCodes.OfStartFailure(message));

    [Fact]
    public void AlignsColumns_InBlocks()
    {
        using var stream = new MemoryStream();
        using var output = new TextOutput(stream);
        var columns = new ColumnWriter();
        columns.Line("A\tB");
        columns.Line("a long cell\tx");
        columns.Line("nothing");
        columns.Line("ä\ty");
        columns.WriteTo(output);
        output.Flush();
        Assert.Equal("A             B\na long cell   x\nnothing\nä         y\n", Encoding.UTF8.GetString(stream.ToArray()));
    }
}
