using System.Text;
using Gantry.Engine.Logs;
using Gantry.Model.Monitor;
using Gantry.Runtime.Monitor;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Logs;

public sealed class ContainerLogReaderTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gantry-monitor-");

    private string LogPath => Path.Combine(_directory.FullName, "c-json.log");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Read_AbsentLogHasNoLines()
    {
        Assert.Empty(await ReadAsync(new LogQuery()));
        Assert.Empty(await ReadAsync(new LogQuery { Tail = 3 }));
    }

    [Fact]
    public async Task Read_GivesBytesBackAsTheyWere()
    {
        var text = "plain\n\ttab \"quoted\" <&> é🚀\n" + new string('x', 20_000) + "\nunfinished";
        Write(text);

        Assert.Equal(text, string.Concat(await ReadAsync(new LogQuery())));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(999, false)]
    [InlineData(1000, false)]
    [InlineData(2000, false)]
    [InlineData(0, true)]
    [InlineData(7, true)]
    [InlineData(345, true)]
    [InlineData(999, true)]
    [InlineData(2000, true)]
    public async Task Read_TailAcrossRotatedFiles(int tail, bool compress)
    {
        var lines = Numbered(1000);
        using (var log = ContainerLog.Open(new MonitorLogOptions { Path = LogPath, MaxSizeBytes = 9_000, MaxFiles = 50, Compress = compress }, TimeProvider.System))
            log.Write(Encoding.UTF8.GetBytes(string.Concat(lines)), isStderr: false);
        Assert.InRange(_directory.GetFiles().Length, 5, 49);

        Assert.Equal(lines[Math.Max(0, 1000 - tail)..], await ReadAsync(new LogQuery { Tail = tail }));
        Assert.Equal(lines, await ReadAsync(new LogQuery()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_SinceFindsItsPlaceInLargeAndRotatedFiles(bool compress)
    {
        var lines = Numbered(100_000);
        using (var log = ContainerLog.Open(new MonitorLogOptions { Path = LogPath, MaxSizeBytes = 3_000_000, MaxFiles = 50, Compress = compress }, TimeProvider.System))
            log.Write(Encoding.UTF8.GetBytes(string.Concat(lines)), isStderr: false);
        Assert.InRange(_directory.GetFiles().Length, 2, 49);
        Assert.All(_directory.GetFiles(), file => Assert.Equal(compress && file.Name != Path.GetFileName(LogPath), file.Extension == ".gz"));
        List<DateTimeOffset> times = [];
        await foreach (var entry in ContainerLogReader.ReadAsync(LogPath, new LogQuery(), TestContext.Current.CancellationToken))
            times.Add(entry.Time);

        Assert.Equal(times.Count, times.Distinct().Count());
        foreach (var index in (int[])[0, 1, 20_000, 33_333, 50_000, 99_998, 99_999])
            Assert.Equal(lines[index..], await ReadAsync(new LogQuery { Since = times[index] }));
        Assert.Empty(await ReadAsync(new LogQuery { Since = times[^1].AddSeconds(1) }));
        Assert.Equal(lines, await ReadAsync(new LogQuery { Since = times[0].AddDays(-1) }));
    }

    [Fact]
    public async Task Read_TailOfAnUnfinishedLastLineCountsIt()
    {
        Write("a\nb\nc");
        // A record that a crash has torn in half is no line.
        await File.AppendAllTextAsync(LogPath, "{\"log\":\"torn");
        Assert.Equal(["a\n", "b\n", "c"], await ReadAsync(new LogQuery()));
    }

    [Fact]
    public async Task Read_StreamsAndTimes()
    {
        using (var log = ContainerLog.Open(new MonitorLogOptions { Path = LogPath }, TimeProvider.System))
        {
            log.Write("out1\nout2\n"u8, isStderr: false);
            log.Write("err1\n"u8, isStderr: true);
        }
        var all = new List<LogEntry>();
        await foreach (var entry in ContainerLogReader.ReadAsync(LogPath, new LogQuery()))
            all.Add(entry);

        Assert.Equal([false, false, true], all.Select(entry => entry.IsStderr));
        Assert.Equal(["err1\n"], await ReadAsync(new LogQuery { Stdout = false }));
        Assert.Equal(["out1\n"], await ReadAsync(new LogQuery { Until = all[0].Time }));
        Assert.Equal(["err1\n"], await ReadAsync(new LogQuery { Since = all[1].Time.AddTicks(1) }));
    }

    [Fact]
    public async Task Read_RubbishIsSkipped()
    {
        await File.WriteAllTextAsync(LogPath, "rubbish\n{}\n[1]\n{\"log\":1}\n" + new string('y', 3 << 20) + "\n");
        Write("good\n");

        Assert.Equal(["good\n"], await ReadAsync(new LogQuery()));
    }

    [Fact]
    public async Task Read_WhatIsLeftOfACompressedFile()
    {
        using (var log = ContainerLog.Open(new MonitorLogOptions { Path = LogPath, MaxSizeBytes = 50_000, MaxFiles = 3, Compress = true }, TimeProvider.System))
            log.Write(Encoding.UTF8.GetBytes(string.Concat(Numbered(1000))), isStderr: false);
        var packed = LogPath + ".1.gz";
        await File.WriteAllBytesAsync(packed, (await File.ReadAllBytesAsync(packed))[..^2000]);

        var read = await ReadAsync(new LogQuery());
        Assert.InRange(read.Count, 100, 999);
        Assert.Equal(("line 0\n", "line 999\n"), (read[0], read[^1]));
        Assert.Equal("line 998\n", (await ReadAsync(new LogQuery { Tail = 2 }))[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Follow_SurvivesRotationAndEndsWithTheContainer(bool compress)
    {
        var ended = new TaskCompletionSource();
        var lines = Numbered(3000);
        using var log = ContainerLog.Open(new MonitorLogOptions { Path = LogPath, MaxSizeBytes = 20_000, MaxFiles = 100, Compress = compress }, TimeProvider.System);
        log.Write(Encoding.UTF8.GetBytes(string.Concat(lines[..10])), isStderr: false);
        var reading = ReadAsync(new LogQuery { Follow = true, Ended = ended.Task });
        for (var at = 10; at < lines.Count; at += 13)
        {
            log.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Skip(at).Take(13))), isStderr: false);
            if (at % 5 == 0)
                await Task.Yield();
        }
        ended.SetResult();

        Assert.Equal(lines, await reading);
    }

    [Fact]
    public async Task Follow_OneFileThatIsEmptiedGoesOn()
    {
        var ended = new TaskCompletionSource();
        using var log = ContainerLog.Open(new MonitorLogOptions { Path = LogPath, MaxSizeBytes = 100_000 }, TimeProvider.System);
        var seen = new TaskCompletionSource();
        var reading = Task.Run(async () =>
        {
            var read = new List<string>();
            await foreach (var entry in ContainerLogReader.ReadAsync(LogPath, new LogQuery { Follow = true, Ended = ended.Task }))
            {
                read.Add(Encoding.UTF8.GetString(entry.Line.Span));
                if (read.Count == 1)
                    seen.SetResult();
            }
            return read;
        });
        log.Write(Encoding.UTF8.GetBytes(new string('a', 15_000) + "\n"), isStderr: false);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 8; i++)
            log.Write(Encoding.UTF8.GetBytes(new string((char)('b' + i), 15_000) + "\n"), isStderr: false);
        log.Write("last\n"u8, isStderr: false);
        ended.SetResult();

        Assert.Equal("last\n", (await reading.WaitAsync(TimeSpan.FromSeconds(20)))[^1]);
    }

    [Fact]
    public async Task Follow_FromTheEndSeesOnlyWhatComes()
    {
        Write("old\n");
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var lines = ContainerLogReader.ReadAsync(LogPath, new LogQuery { Follow = true, Tail = 0 }, cancel.Token).GetAsyncEnumerator(cancel.Token);
        var next = lines.MoveNextAsync();
        Assert.False(next.IsCompleted);
        Write("new\n");

        Assert.True(await next);
        Assert.Equal("new\n", Encoding.UTF8.GetString(lines.Current.Line.Span));
    }

    private static List<string> Numbered(int count) => [.. Enumerable.Range(0, count).Select(i => $"line {i}\n")];

    private void Write(string text)
    {
        using var log = ContainerLog.Open(new MonitorLogOptions { Path = LogPath }, TimeProvider.System);
        log.Write(Encoding.UTF8.GetBytes(text), isStderr: false);
        log.Finish();
    }

    private async Task<List<string>> ReadAsync(LogQuery query)
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var lines = new List<string>();
        await foreach (var entry in ContainerLogReader.ReadAsync(LogPath, query, cancel.Token))
            lines.Add(Encoding.UTF8.GetString(entry.Line.Span));
        return lines;
    }
}
