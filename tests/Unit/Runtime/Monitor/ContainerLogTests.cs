using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Gantry.Model;
using Gantry.Model.Monitor;
using Gantry.Runtime.Monitor;
using Xunit;

namespace Gantry.Tests.Unit.Runtime.Monitor;

public sealed class ContainerLogTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("gantry-monitor-");

    private string LogPath => Path.Combine(_directory.FullName, "c-json.log");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Write_AppendsToWhatIsThere()
    {
        Write(new MonitorLogOptions { Path = LogPath }, "a\n");
        Write(new MonitorLogOptions { Path = LogPath }, "b\nc");

        Assert.Equal(["a\n", "b\n", "c"], Read(LogPath));
    }

    [Fact]
    public void Write_TimesNeverRepeat()
    {
        Write(new MonitorLogOptions { Path = LogPath }, string.Concat(Enumerable.Repeat("x\n", 5_000)));

        var times = File.ReadLines(LogPath).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("time").GetString()!).ToList();
        Assert.Equal(5_000, times.Distinct().Count());
    }

    [Fact]
    public void Write_RotatesAndDropsTheOldest()
    {
        var lines = Enumerable.Range(0, 200).Select(i => $"line {i}\n").ToList();
        Write(new MonitorLogOptions { Path = LogPath, MaxSizeBytes = 2_000, MaxFiles = 3 }, string.Concat(lines));

        Assert.Equal(3, _directory.GetFiles().Length);
        var kept = new[] { LogPath + ".2", LogPath + ".1", LogPath }.SelectMany(Read).ToList();
        Assert.Equal(lines[^kept.Count..], kept);
        Assert.InRange(new FileInfo(LogPath + ".1").Length, 2_000, 2_200);
    }

    [Fact]
    public void Write_OneFileIsEmptiedWhenFull()
    {
        Write(new MonitorLogOptions { Path = LogPath, MaxSizeBytes = 1_000 }, string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i}\n")));

        Assert.Single(_directory.GetFiles());
        Assert.Equal("line 99\n", Read(LogPath).Last());
        Assert.InRange(new FileInfo(LogPath).Length, 1, 1_200);
    }

    [Fact]
    public void Open_MissingDirectoryIsNamed()
    {
        var error = Assert.Throws<GantryException>(() => ContainerLog.Open(new MonitorLogOptions { Path = "/nonexistent/gantry/c.log" }, TimeProvider.System));

        Assert.Contains("/nonexistent/gantry/c.log", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rotate_CompressesAndLetsTheOldestFallOff()
    {
        var path = Path.Combine(_directory.FullName, "c.log");
        File.WriteAllText($"{path}.1", "not compressed before\n");
        Write(new MonitorLogOptions { Path = path, MaxSizeBytes = 100, MaxFiles = 4, Compress = true }, "first\nsecond\nthird\n");
        Assert.Equal(["c.log", "c.log.1.gz", "c.log.2"], _directory.GetFiles().Select(static file => file.Name).Order(StringComparer.Ordinal));

        Write(new MonitorLogOptions { Path = path, MaxSizeBytes = 100, MaxFiles = 4, Compress = true }, string.Concat(Enumerable.Repeat("more\n", 20)));
        Assert.Equal(["c.log", "c.log.1.gz", "c.log.2.gz", "c.log.3.gz"], _directory.GetFiles().Select(static file => file.Name).Order(StringComparer.Ordinal));
        using var packed = new GZipStream(File.OpenRead($"{path}.1.gz"), CompressionMode.Decompress);
        Assert.StartsWith("{\"log\":\"more\\n\"", new StreamReader(packed).ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FullDiskCostsLinesOnly()
    {
        if (!File.Exists("/dev/full"))
            return;
        // Every write to /dev/full is ENOSPC.
        using var log = ContainerLog.Open(new MonitorLogOptions { Path = "/dev/full" }, TimeProvider.System);
        log.Write("lost\n"u8, isStderr: false);
        log.Finish();
    }

    private static void Write(MonitorLogOptions options, string text)
    {
        using var log = ContainerLog.Open(options, TimeProvider.System);
        log.Write(Encoding.UTF8.GetBytes(text), isStderr: false);
        log.Finish();
    }

    private static IEnumerable<string> Read(string path) => File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("log").GetString()!);
}
