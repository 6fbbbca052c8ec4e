using System.Text;
using System.Text.Json;
using Gantry.Cli.Builds;
using Gantry.Cli.Output;
using Xunit;

namespace Gantry.Tests.Unit.Cli.Builds;

/// <summary>What is shown of a build, from its events.</summary>
public sealed class PictureTests
{
    private readonly MemoryStream _written = new();
    private readonly Clock _clock = new();

    private string Text
    {
        get
        {
            var text = Encoding.UTF8.GetString(_written.ToArray());
            _written.SetLength(0);
            return text;
        }
    }

    private static string Vertex(string id, string name, string? started = null, string? completed = null, bool cached = false, string? error = null)
    {
        var more = (started is null ? "" : $",\"started\":\"2024-01-01T00:00:{started}Z\"") + (completed is null ? "" : $",\"completed\":\"2024-01-01T00:00:{completed}Z\"")
            + (cached ? ",\"cached\":true" : "") + (error is null ? "" : $",\"error\":\"{error}\"");
        return $"{{\"vertex\":{{\"digest\":\"{id}\",\"name\":\"{name}\",\"inputs\":[]{more}}}}}";
    }

    private static string Log(string id, string time, string text) =>
        $"{{\"log\":{{\"vertex\":\"{id}\",\"stream\":1,\"time\":\"2024-01-01T00:00:{time}Z\",\"data\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}\"}}}}";

    private static BuildPicture Show(IBuildDisplay display, params string[] events)
    {
        var picture = new BuildPicture(display);
        foreach (var item in events)
        {
            using var json = JsonDocument.Parse(item);
            picture.Take(json.RootElement);
        }

        return picture;
    }

    [Fact]
    public void PlainLinesAreBuildKits()
    {
        using var display = new PlainDisplay(new TextOutput(_written), _clock);
        var picture = Show(
            display,
            Vertex("a", "[internal] load build definition from Dockerfile", "00"),
            """{"status":{"vertex":"a","id":"transferring dockerfile:","current":104,"total":0,"time":"2024-01-01T00:00:00Z","started":"2024-01-01T00:00:00Z","completed":"2024-01-01T00:00:00.1Z"}}""",
            Vertex("a", "[internal] load build definition from Dockerfile", "00", "00.1"),
            Vertex("b", "[1/3] FROM docker.io/library/debian", "01", "01", cached: true),
            Vertex("c", "[2/3] RUN make", "01"),
            Log("c", "01.25", "half a li"),
            Log("c", "02.5", "ne\r\nbar 1\rbar 2\nlast"),
            Vertex("c", "[2/3] RUN make", "01", "03.34"),
            Vertex("d", "[3/3] RUN exit 3", "04"),
            Vertex("d", "[3/3] RUN exit 3", "04", "05", error: "exit code: 3"));
        display.End(picture.Steps);
        Assert.Equal(
            """
            #1 [internal] load build definition from Dockerfile
            #1 transferring dockerfile: 104B 0.1s done
            #1 DONE 0.1s

            #2 [1/3] FROM docker.io/library/debian
            #2 CACHED

            #3 [2/3] RUN make
            #3 0.250 half a line
            #3 1.500 bar 2
            #3 1.500 last
            #3 DONE 2.3s

            #4 [3/3] RUN exit 3
            #4 ERROR: exit code: 3


            """,
            Text);
    }

    [Fact]
    public void StepsAtOnceAreNotMixedUpUnlessOneIsSilent()
    {
        using var display = new PlainDisplay(new TextOutput(_written), _clock);
        var picture = Show(display, Vertex("a", "A", "00"), Vertex("b", "B", "00"), Log("a", "01", "a1\n"), Log("b", "01", "b1\n"), Log("a", "01", "a2\n"));
        Assert.Equal("#1 A\n#1 1.000 a1\n#1 1.000 a2\n", Text);
        _clock.Advance(TimeSpan.FromSeconds(3));
        foreach (var item in (string[])[Log("b", "04", "b2\n"), Vertex("b", "B", "00", "05"), Vertex("a", "A", "00", "06")])
        {
            using var json = JsonDocument.Parse(item);
            picture.Take(json.RootElement);
        }

        display.End(picture.Steps);
        Assert.Equal("\n#2 B\n#2 1.000 b1\n#2 4.000 b2\n#2 DONE 5.0s\n\n#1 A\n#1 DONE 6.0s\n\n", Text);
    }

    [Fact]
    public void WhatEndedWhileItWaitedIsShownWhole()
    {
        using var display = new PlainDisplay(new TextOutput(_written), _clock);
        var picture = Show(display, Vertex("a", "A", "00"), Vertex("b", "B", "00"), Log("b", "01", "b1\n"), Vertex("b", "B", "00", "02"), Vertex("c", "C", "00"), Vertex("a", "A", "00", "03"), Log("c", "04", "c1\n"));
        display.End(picture.Steps);
        Assert.Equal("#1 A\n#1 DONE 3.0s\n\n#2 B\n#2 1.000 b1\n#2 DONE 2.0s\n\n#3 C\n#3 4.000 c1\n\n", Text);
    }

    [Fact]
    public void TheTreeFitsTheTerminalAndKeepsWhatRuns()
    {
        _clock.Advance(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch);
        using var display = new LiveDisplay(new TextOutput(_written), _clock, static () => (6, 60), animated: false);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var picture = Show(
            display,
            Vertex("a", "[internal] load build definition", "00", "00.1"),
            Vertex("b", "[1/2] FROM docker.io/library/debian", "01", "01", cached: true),
            Vertex("c", "[2/2] RUN make a name that is much too long for the width of this line", "01"),
            """{"status":{"vertex":"c","id":"layer","current":1200000,"total":3400000,"time":"2024-01-01T00:00:02Z","started":"2024-01-01T00:00:02Z"}}""",
            Log("c", "02", "one\n\u001b[31mred\u001b[0m\u0007\tgreen\nthree\n"));
        display.Draw(final: false);
        Assert.Equal(
            """
            [+] Building 4.0s (2/3)
             => [2/2] RUN make a name that is much too long for... 3.0s
             => => layer 1.2MB / 3.4MB                             2.0s
             => => # one

            """ + "",
            string.Join('\n', Text.Split('\n').Take(4)) + "\n");
        display.Draw(final: false);
        Assert.StartsWith("\u001b[5A\r\u001b[J[+] Building", Text, StringComparison.Ordinal);
        using var end = JsonDocument.Parse(Vertex("c", "[2/2] RUN make", "01", "03", error: "exit code: 1"));
        picture.Take(end.RootElement);
        display.End(picture.Steps);
        var last = Text;
        Assert.Contains("[+] Building 4.0s (3/3) FINISHED\n => [internal] load build definition", last, StringComparison.Ordinal);
        Assert.Contains(" => CACHED [1/2] FROM docker.io/library/debian", last, StringComparison.Ordinal);
        Assert.Contains(" => ERROR [2/2] RUN make", last, StringComparison.Ordinal);
    }

    [Fact]
    public void StepsCannotMoveTheCursor() => Assert.Equal("red    green", LiveDisplay.Clean("\u001b[31mred\u001b[0m\u0007\tgr\u001b[2Keen"));

    [Fact]
    public void AFailureShowsTheLogTheLinesAndTheReason()
    {
        var picture = Show(new NoDisplay(), Vertex("a", "[2/2] RUN foo", "00"), Log("a", "00.5", "sh: foo: not found\n"), Vertex("a", "[2/2] RUN foo", "00", "01", error: "exit code: 127"), """{"failure":{"message":"process \"/bin/sh -c foo\" did not complete successfully: exit code: 127","exitCode":127,"firstLine":4,"lastLine":5}}""");
        var output = new TextOutput(_written);
        BuildReport.ShowFailure(output, picture.Failure!, picture.Steps, "FROM a\nENV B=c\n\nRUN foo \\\n  bar\nCMD x\n"u8.ToArray(), "Dockerfile");
        output.Flush();
        Assert.Equal(
            """
            ------
             > [2/2] RUN foo:
            0.500 sh: foo: not found
            ------
            Dockerfile:4
            --------------------
               3 |     
               4 | >>> RUN foo \
               5 | >>>   bar
               6 |     CMD x
            --------------------
            ERROR: failed to solve: process "/bin/sh -c foo" did not complete successfully: exit code: 127
                  → 127: the shell did not find the command: is its package installed in this stage, and is it in PATH?

            """,
            Text);
    }

    [Fact]
    public void OnlyTheEndOfALongLogIsShownAgain()
    {
        var picture = Show(new NoDisplay(), Vertex("a", "[2/2] RUN x", "00"), Log("a", "00", string.Concat(Enumerable.Range(1, 100).Select(static n => $"line {n}\n"))), Vertex("a", "[2/2] RUN x", "00", "01", error: "exit code: 1"));
        Assert.Equal(40, picture.Steps[0].Tail.Count());
        Assert.Equal("line 61", picture.Steps[0].Tail.First().Text);
    }

    [Fact]
    public void WarningsNameTheirLines()
    {
        var output = new TextOutput(_written);
        BuildReport.ShowWarnings(output, [new("StageNameCasing", "Stage name 'A' should be lowercase", "Stage names should be lowercase", "https://docs.test/x", 1, 1)], "FROM a AS A\n"u8.ToArray(), "Dockerfile");
        output.Flush();
        Assert.Equal("\n 1 warning found:\n - StageNameCasing: Stage name 'A' should be lowercase (line 1)\n   Stage names should be lowercase\n   More info: https://docs.test/x\nDockerfile:1\n--------------------\n   1 | >>> FROM a AS A\n   2 |     \n--------------------\n", Text);
    }

    /// <summary>A clock that goes on when it is told to.</summary>
    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.Ticks;

        public void Advance(TimeSpan span) => _now += span;
    }
}
