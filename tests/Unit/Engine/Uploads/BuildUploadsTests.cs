using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Gantry.Engine.Uploads;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Uploads;

public sealed class BuildUploadsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-uploads-").FullName;
    private readonly BuildUploads _uploads;

    public BuildUploadsTests() => _uploads = BuildUploads.Open(Path.Combine(_root, "uploads"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static byte[] Archive(Action<TarWriter> write)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
            write(tar);
        return stream.ToArray();
    }

    private static PaxTarEntry File(string name, string content) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Uid = 12345, Gid = 12345 };

    private async Task<string> ReceivedAsync(BuildUpload upload, params string[] excludes)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_root, Guid.NewGuid().ToString("n"))).FullName;
        await new UploadSession(upload, RegistryLogins.None).ReceiveAsync(new() { Name = "context", Excludes = excludes }, directory, null, TestContext.Current.CancellationToken);
        return directory;
    }

    private static string Listing(string directory) =>
        string.Join(' ', Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(directory, path)).Order(StringComparer.Ordinal));

    private Task<BuildUpload> ReceiveAsync(byte[] archive) => _uploads.ReceiveAsync(new MemoryStream(archive), TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FilesComeAsTheyWereSent(bool compressed)
    {
        var archive = Archive(tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "./"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "bin/") { Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute });
            var script = File("bin/run", "echo");
            script.Mode = (UnixFileMode)0x1ED;
            script.ModificationTime = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);
            tar.WriteEntry(script);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = "/etc/passwd" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "again") { LinkName = "bin/run" });
        });
        if (compressed)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                gzip.Write(archive);
            archive = packed.ToArray();
        }

        string directory;
        using (var upload = await ReceiveAsync(archive))
        {
            directory = await ReceivedAsync(upload);
            Assert.Single(Directory.EnumerateDirectories(Path.Combine(_root, "uploads")));
        }

        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_root, "uploads")));
        Assert.Equal("again bin bin/run link", Listing(directory));
        Assert.Equal("echo", System.IO.File.ReadAllText(Path.Combine(directory, "again")));
        Assert.Equal((UnixFileMode)0x1ED, System.IO.File.GetUnixFileMode(Path.Combine(directory, "bin/run")));
        Assert.Equal(new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc), System.IO.File.GetLastWriteTimeUtc(Path.Combine(directory, "bin/run")));
        Assert.Equal("/etc/passwd", new FileInfo(Path.Combine(directory, "link")).LinkTarget);
    }

    [Fact]
    public async Task WhatIsIgnoredIsNotThere()
    {
        var archive = Archive(tar =>
        {
            foreach (var name in (string[])["a.log", "keep.txt", "node_modules/x/y.js", "docs/a.md", "docs/README.md", "deep/er/z.log", "empty/only.log"])
                tar.WriteEntry(File(name, name));
        });
        using var upload = await ReceiveAsync(archive);
        Assert.Equal("deep deep/er docs docs/README.md empty keep.txt", Listing(await ReceivedAsync(upload, "**/*.log", "node_modules", "docs", "!docs/README.md")));
        // Asked again, with other patterns, as for the Dockerfile.
        Assert.Equal("keep.txt", Listing(await ReceivedAsync(upload, "*", "!keep.txt")));
    }

    [Fact]
    public async Task NothingIsWrittenOutsideItsDirectory()
    {
        var archive = Archive(tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "sub/"));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "out") { LinkName = "/sub" });
            tar.WriteEntry(File("out/through-link", "x"));
            tar.WriteEntry(File("/absolute", "x"));
        });
        using var upload = await ReceiveAsync(archive);
        var above = Archive(static tar => tar.WriteEntry(File("a/../../../above", "x")));
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<GantryException>(() => ReceiveAsync(above))).Kind);
        Assert.Equal(["uploads"], Directory.EnumerateFileSystemEntries(_root).Select(Path.GetFileName));
        var listing = Listing(await ReceivedAsync(upload));
        Assert.Contains("absolute", listing, StringComparison.Ordinal);
        Assert.Contains("sub/through-link", listing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DevicesAreRefused()
    {
        var archive = Archive(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.BlockDevice, "disk") { DeviceMajor = 8, DeviceMinor = 0 }));
        var refused = await Assert.ThrowsAsync<GantryException>(() => ReceiveAsync(archive));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Contains("\"disk\"", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_root, "uploads")));
    }

    [Fact]
    public async Task DamagedArchivesLeaveNothing()
    {
        var whole = Archive(tar => tar.WriteEntry(File("a", new string('x', 10_000))));
        var refused = await Assert.ThrowsAsync<GantryException>(() => ReceiveAsync(whole[..5000]));
        Assert.Equal(ErrorKind.Invalid, refused.Kind);
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<GantryException>(() => ReceiveAsync([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]))).Kind);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_root, "uploads")));
    }

    [Fact]
    public void WhatAKilledEngineLeftIsRemoved()
    {
        Directory.CreateDirectory(Path.Combine(_root, "uploads/old/context"));
        BuildUploads.Open(Path.Combine(_root, "uploads"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_root, "uploads")));
    }
}
