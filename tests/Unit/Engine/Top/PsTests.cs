using Gantry.Engine.Top;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Top;

/// <summary>What is shown without ps, and what is taken from its output.</summary>
public sealed class PsTests
{
    private const string Stat = "4321 (a) b (c) S 21 4321 4321 34816 4321 4194560 100 0 0 0 150 50 0 0 20 -5 3 0 360000 1000 200 18446744073709551615";
    private const string Status = "Name:\ta) b (c\nUid:\t1000\t1001\t1000\t1000\nVmSize:\t    2268 kB\nVmLck:\t       4 kB\nVmRSS:\t    1376 kB\n";

    private static readonly PsHost s_host = new(
        new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero), UptimeTicks: 380000, MemoryKib: 1_376_000, new Dictionary<uint, string> { [1001] = "systemd-resolve" });

    [Theory]
    [InlineData("-ef", "UID PID PPID C STIME TTY TIME CMD")]
    [InlineData("-e -f", "UID PID PPID C STIME TTY TIME CMD")]
    [InlineData("aux", "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND")]
    [InlineData("-o pid,args", "PID COMMAND")]
    [InlineData("-eo pid -o comm", "PID COMMAND")]
    [InlineData("-e -o pid", "PID")]
    [InlineData("-o pid,args=X", null)]
    [InlineData("-o", null)]
    [InlineData("-o pid --sort rss", null)]
    [InlineData("-o pid,wchan", null)]
    [InlineData("axf", null)]
    [InlineData("-efH", null)]
    public void KnowsTheUsualArguments(string arguments, string? titles) =>
        Assert.Equal(titles, PsArguments.Columns(arguments.Split(' ')) is { } columns ? string.Join(' ', columns.Select(column => column.Title)) : null);

    [Fact]
    public void ShowsAProcess()
    {
        var process = ProcessRow.Parse(Stat, Status, "sleep\0a b\0\u001b[1m\0"u8)!;
        Assert.Equal("4321 21 systemd+ 1001 a) b (c pts/0 S<Lsl+ 00:00:02 0:02 03:20 200 11:56 1 1.0 0.1 2268 1376 -5 3 sleep a b ?[1m",
            Line(process, "pid,ppid,user,uid,comm,tty,stat,time,bsdtime,etime,etimes,stime,c,pcpu,pmem,vsz,rss,ni,nlwp,args"));
    }

    [Fact]
    public void ShowsWhatIsOldDeadOrNameless()
    {
        var process = ProcessRow.Parse(Stat, Status, [])!;
        Assert.Equal("[a) b (c]", Line(process, "args"));
        Assert.Equal("[a) b (c] <defunct>|a) b (c <defunct>", Line(process with { State = 'Z' }, "cmd") + "|" + Line(process with { State = 'Z' }, "comm"));
        Assert.Equal("1-01:01:01 Nov25 1-00:00:00", Line(process with { StartTicks = 380000 - 90_061_00, Ticks = 86_400_00 }, "etime,stime,time"));
        Assert.Equal("2025", Line(process with { StartTicks = 380000 - (400L * 86_400_00) }, "stime"));
        Assert.Equal("?", Line(process with { Terminal = 0 }, "tname"));
        Assert.Equal("ttyS1", Line(process with { Terminal = (4 << 8) | 65 }, "tname"));
    }

    [Fact]
    public void AProcessThatEndsGivesNothing() => Assert.Null(ProcessRow.Parse("", "", []));

    [Fact]
    public void PicksTheContainersProcessesOutOfAll()
    {
        const string Output = "  PID TTY      STAT   TIME COMMAND\n   77 ?        Ss     0:00 other\n   78 ?        Ss     0:00  \\_ sh -c  sleep 5\n    - -        Sl     0:00 -\n   79 ?        Ss     0:00 x\n    - -        Sl     0:00 -\n";
        var found = PsOutput.Parse(Output, [78]);
        Assert.Equal(["PID", "TTY", "STAT", "TIME", "COMMAND"], found.Titles!);
        Assert.Equal([["78", "?", "Ss", "0:00", "\\_ sh -c sleep 5"], ["-", "-", "Sl", "0:00", "-"]], found.Processes!);
    }

    [Theory]
    [InlineData("COMMAND\nsleep 5\n", "Couldn't find PID field in ps output")]
    [InlineData("PID COMMAND\nx y\n", "Unexpected pid 'x' in the output of ps")]
    public void RefusesWhatItCannotRead(string output, string message) =>
        Assert.Equal(message, Assert.Throws<GantryException>(() => PsOutput.Parse(output, [1])).Message);

    private static string Line(ProcessRow process, string columns) =>
        string.Join(' ', PsArguments.Columns(["-o", columns])!.Select(column => column.Value(process, s_host)));
}
