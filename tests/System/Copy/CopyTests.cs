using System.Formats.Tar;
using System.Text;
using Gantry.Engine.Containers;
using Gantry.Engine.Copy;
using Gantry.Model;
using Gantry.Model.Api;
using Gantry.Tests.System.Engine;
using Xunit;

namespace Gantry.Tests.System.Copy;

/// <summary>Copying out of containers and into them, running or not; and what attackers inside would try.</summary>
public sealed class CopyTests : IAsyncLifetime
{
    private EngineHost _host = null!;

    private CancellationToken Token => _host.Token;

    private FileOperations Files => _host.Engine.Files;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FilesDirectoriesAndVolumesGoBothWays(bool running)
    {
        var id = await _host.CreateAsync("ln -s ../etc/passwd /tmp/link; mkdir -p /tmp/d/e; echo deep > /tmp/d/e/f; ln /tmp/d/e/f /tmp/d/hard; mkfifo /tmp/d/p; echo up; while :; do sleep 1; done", WithVolume);
        var mounts = await File.ReadAllTextAsync("/proc/self/mountinfo", Token);
        await _host.StartAndWaitForAsync(id, "up");
        if (!running)
            await _host.Engine.Containers.StopAsync(id, new StopRequest(), Token);

        Assert.Equal(new PathStatus("link", 13, GoFileMode.Symlink | 0x1FF, "", "/etc/passwd"), await Files.StatusAsync(id, "/tmp/link", Token) with { Modified = "" });
        Assert.Equal(["d/", "d/e/", "d/e/f", "d/hard", "d/p"], (await OutAsync(id, "/tmp/d")).Keys);
        Assert.Equal(["./", "./e/", "./e/f", "./hard", "./p"], (await OutAsync(id, "/tmp/d/.")).Keys);
        var tree = await OutAsync(id, "/tmp/d");
        Assert.Equal((TarEntryType.HardLink, "d/e/f"), (tree["d/hard"].EntryType, tree["d/hard"].LinkName));
        Assert.Equal(TarEntryType.Fifo, tree["d/p"].EntryType);
        Assert.Equal((TarEntryType.SymbolicLink, "../etc/passwd"), ((await OutAsync(id, "/tmp/link"))["link"].EntryType, (await OutAsync(id, "/tmp/link"))["link"].LinkName));
        Assert.Equal("from the image\n", await TextAsync(id, "/data/seed"));
        Assert.Contains(id[..12], await TextAsync(id, "/etc/hostname"), StringComparison.Ordinal);

        await InAsync(id, "/data", ("new/file", "put\n"));
        Assert.Equal("put\n", await TextAsync(id, "/data/new/file"));
        Assert.Equal("put\n", await File.ReadAllTextAsync(Path.Combine(_host.DataRoot, "volumes/kept/_data/new/file"), Token));
        await InAsync(id, "/tmp", ("d", null), ("d/e/f", "changed\n"), ("owned", "x"));
        Assert.Equal("changed\n", await TextAsync(id, "/tmp/d/e/f"));
        Assert.Equal((12345, 54321), ((await OutAsync(id, "/tmp/owned"))["owned"].Uid, (await OutAsync(id, "/tmp/owned"))["owned"].Gid));
        await InAsync(id, "/etc", ("hosts", "127.0.0.1 mine\n"));
        Assert.Equal("127.0.0.1 mine\n", await TextAsync(id, "/etc/hosts"));
        Assert.Equal("127.0.0.1 mine\n", await File.ReadAllTextAsync(Path.Combine(_host.DataRoot, "containers", id, "hosts"), Token));
        // A volume is not unmounted, and not emptied, by an archive that has a file in its place or above it.
        await Assert.ThrowsAsync<GantryException>(() => InAsync(id, "/", ("data", "in the way")));
        Assert.Equal("put\n", await TextAsync(id, "/data/new/file"));

        if (!running)
            await _host.Engine.Containers.StartAsync(id, Token); // what was copied in is there, and the layer is not used up
        Assert.Equal(mounts, await File.ReadAllTextAsync("/proc/self/mountinfo", Token));
    }

    [Fact]
    public async Task TheWorkingDirectoryIsThereBeforeTheFirstStart()
    {
        var id = await _host.CreateAsync("pwd; cat put; stat -c '%u:%g %a' .", In("/tmp/new/work"));
        Assert.Equal(["work/"], (await OutAsync(id, "/tmp/new/work")).Keys);
        await InAsync(id, "/tmp/new/work", ("put", "in it\n"));
        Assert.Equal(0, await _host.RunAsync(id));
        Assert.Equal("/tmp/new/work\nin it\n0:0 755\n", await _host.LogsAsync(id));

        var readOnly = await _host.CreateAsync("pwd", spec => In("/new")(spec) with { HostConfig = spec.HostConfig! with { ReadonlyRootfs = true } });
        Assert.Equal(0, await _host.RunAsync(readOnly));

        foreach (var taken in (string[])["/etc/passwd", "/etc/passwd/below"])
            Assert.Equal($"Cannot mkdir: {taken} is not a directory", (await Assert.ThrowsAsync<GantryException>(() => _host.CreateAsync("true", In(taken)))).Message);

        static Func<ContainerCreateSpec, ContainerCreateSpec> In(string directory) => spec => spec with { Config = spec.Config with { WorkingDir = directory } };
    }

    [Fact]
    public async Task IntoOneThatWasNeverStarted()
    {
        var id = await _host.CreateAsync("cat /data/new/file /tmp/a; stat -c %u:%g /tmp/a", spec => WithVolume(spec) with { Config = spec.Config with { User = "web" } });
        Assert.Equal("from the image\n", await TextAsync(id, "/data/seed"));
        await InAsync(id, "/data", ("new/file", "put\n"));
        await Files.ExtractAsync(id, new ExtractSpec { Path = "/tmp", CopyUidGid = true }, Tar(("a", "mine\n")), Token);
        Assert.Equal(0, await _host.RunAsync(id));
        Assert.Equal("put\nmine\n1000:1001\n", await _host.LogsAsync(id));
    }

    [Fact]
    public async Task RefusalsAreSaidInDockersWords()
    {
        var id = await _host.CreateAsync("true", spec => WithVolume(spec) with { HostConfig = spec.HostConfig! with { ReadonlyRootfs = true, Binds = ["kept:/data:ro", "free:/free"] } });
        await RefusedAsync(ErrorKind.NotFound, $"Could not find the file /nonesuch in container {id}", () => Files.StatusAsync(id, "/nonesuch", Token));
        await RefusedAsync(ErrorKind.NotFound, $"Could not find the file /nonesuch in container {id}", () => Files.OpenAsync(id, "/nonesuch", Token));
        await RefusedAsync(ErrorKind.NotFound, "No such container: nobody", () => Files.StatusAsync("nobody", "/", Token));
        await RefusedAsync(ErrorKind.Invalid, "extraction point is not a directory", () => InAsync(id, "/etc/passwd", ("a", "")));
        await RefusedAsync(ErrorKind.Forbidden, "container rootfs is marked read-only", () => InAsync(id, "/tmp", ("a", "")));
        await RefusedAsync(ErrorKind.Forbidden, "mounted volume is marked read-only", () => InAsync(id, "/data", ("a", "")));
        await InAsync(id, "/free", ("a", "written"), ("dir", null));
        await RefusedAsync(ErrorKind.Invalid, "cannot overwrite directory \"/free/dir\" with non-directory \"dir\"", () => Files.ExtractAsync(id, new ExtractSpec { Path = "/free", NoOverwriteDirNonDir = true }, Tar(("dir", "")), Token));
        await RefusedAsync(ErrorKind.Invalid, "cannot overwrite non-directory \"/free/a\" with directory \"a/\"", () => Files.ExtractAsync(id, new ExtractSpec { Path = "/free", NoOverwriteDirNonDir = true }, Tar(("a", null)), Token));
        await InAsync(id, "/free", ("dir", "a file now"));
        Assert.Equal("a file now", await TextAsync(id, "/free/dir"));
        var outside = await Assert.ThrowsAsync<GantryException>(() => InAsync(id, "/free", ("../../../x", "")));
        Assert.Contains("leads out of the archive's root", outside.Message, StringComparison.Ordinal);
        await RefusedAsync(ErrorKind.Invalid, "the archive is damaged: it ends in the middle of an entry", () => Files.ExtractAsync(id, new ExtractSpec { Path = "/free" }, new MemoryStream(((MemoryStream)Tar(("big", new string('x', 5000)))).ToArray()[..2000]), Token));
    }

    [Fact]
    public async Task LinksOfTheContainerStayInside()
    {
        var secret = Directory.CreateTempSubdirectory("gantry-secret-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(secret, "target"), "the host's", Token);
            var id = await _host.CreateAsync($"mkdir -p /x; ln -s {secret} /x/abs; ln -s ../../../../../../..{secret} /x/rel; ln -s /proc/1/root /x/magic; echo up; while :; do sleep 1; done");
            await _host.StartAndWaitForAsync(id, "up");
            foreach (var link in (string[])["abs", "rel"])
            {
                await RefusedAsync(ErrorKind.NotFound, $"Could not find the file /x/{link}/target in container {id}", () => Files.OpenAsync(id, $"/x/{link}/target", Token));
                await Assert.ThrowsAsync<GantryException>(() => InAsync(id, $"/x/{link}", ("target", "overwritten")));
                await Assert.ThrowsAsync<GantryException>(() => InAsync(id, "/x", ($"{link}/target", "overwritten")));
            }

            await Assert.ThrowsAsync<GantryException>(() => Files.OpenAsync(id, $"/x/magic{secret}/target", Token));
            await Assert.ThrowsAsync<GantryException>(() => InAsync(id, $"/x/magic{secret}", ("target", "overwritten")));
            Assert.Equal("the host's", await File.ReadAllTextAsync(Path.Combine(secret, "target"), Token));
        }
        finally
        {
            Directory.Delete(secret, recursive: true);
        }
    }

    /// <summary>CVE-2018-15664: a directory on the path is exchanged for a link to the host's files while the engine copies.</summary>
    [Fact]
    public async Task Cve_2018_15664_ExchangedLinksReachNoFileOfTheHost()
    {
        var secret = Directory.CreateTempSubdirectory("gantry-secret-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(secret, "f"), "the host's", Token);
            // The same path in the container, so that a link that stays inside leads to something as well.
            var id = await _host.CreateAsync(
                $"mkdir -p {secret} /x/dir; echo inside > {secret}/f; echo inside > /x/dir/f; ln -s {secret} /x/link; echo up; cd /x; while :; do mv dir keep; mv link dir; mv dir link; mv keep dir; done");
            await _host.StartAndWaitForAsync(id, "up");
            var reads = 0;
            for (var i = 0; i < 300; i++)
            {
                try
                {
                    foreach (var entry in (await OutAsync(id, i % 2 == 0 ? "/x/dir/f" : "/x/dir/")).Values.Where(e => e.EntryType == TarEntryType.RegularFile))
                    {
                        Assert.DoesNotContain("host", Text(entry), StringComparison.Ordinal);
                        reads++;
                    }
                    await InAsync(id, "/x/dir", ("f", "inside, from the engine"));
                }
                catch (GantryException)
                {
                    // The name was just not there: that is no harm.
                }
            }

            Assert.True(reads > 0, "not one copy succeeded: this tried nothing");
            Assert.Equal("the host's", await File.ReadAllTextAsync(Path.Combine(secret, "f"), Token));
            Assert.Equal([Path.Combine(secret, "f")], Directory.GetFileSystemEntries(secret));
        }
        finally
        {
            Directory.Delete(secret, recursive: true);
        }
    }

    /// <summary>CVE-2019-14271: the copying process loaded the container's libraries. This one loads none and runs none.</summary>
    [Fact]
    public async Task Cve_2019_14271_NothingOfTheContainerIsLoaded()
    {
        var id = await _host.CreateAsync("mkdir -p /lib/x86_64-linux-gnu /lib64; for l in libnss_files.so.2 libnss_compat.so.2 libc.so.6; do cp /bin/busybox /lib/x86_64-linux-gnu/$l; done; echo up; while :; do sleep 1; done");
        await _host.StartAndWaitForAsync(id, "up");
        // Once, so that what our own first copy needs is loaded.
        await CopyAsync(await _host.CreateAsync("true"));
        var before = Libraries();
        await CopyAsync(id);
        Assert.Equal(before, Libraries());

        async Task CopyAsync(string container)
        {
            await OutAsync(container, "/etc");
            await Files.ExtractAsync(container, new ExtractSpec { Path = "/tmp", CopyUidGid = true }, Tar(("a", "x")), Token);
        }

        static List<string> Libraries() => [.. File.ReadLines("/proc/self/maps").Where(line => line.Contains(".so", StringComparison.Ordinal)).Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct().Order(StringComparer.Ordinal)];
    }

    private static ContainerCreateSpec WithVolume(ContainerCreateSpec spec) => spec with { HostConfig = spec.HostConfig! with { Binds = ["kept:/data"] } };

    internal static MemoryStream Tar(params (string Name, string? Content)[] files)
    {
        var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                var entry = new PaxTarEntry(content is null ? TarEntryType.Directory : TarEntryType.RegularFile, content is null ? name + "/" : name) { Uid = 12345, Gid = 54321, Mode = (UnixFileMode)0x1ED };
                if (content is not null)
                    entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
                tar.WriteEntry(entry);
            }
        }

        archive.Position = 0;
        return archive;
    }

    private static string Text(TarEntry entry) => entry.DataStream is { } content ? new StreamReader(content).ReadToEnd() : "";

    private static async Task RefusedAsync(ErrorKind kind, string message, Func<Task> act)
    {
        var refused = await Assert.ThrowsAsync<GantryException>(act);
        Assert.Equal((kind, message), (refused.Kind, refused.Message));
    }

    private Task InAsync(string id, string path, params (string Name, string? Content)[] files) => Files.ExtractAsync(id, new ExtractSpec { Path = path }, Tar(files), Token);

    private async Task<string> TextAsync(string id, string path) => Text(Assert.Single(await OutAsync(id, path)).Value);

    private async Task<Dictionary<string, TarEntry>> OutAsync(string id, string path)
    {
        using var archive = await Files.OpenAsync(id, path, Token);
        using var bytes = new MemoryStream();
        await archive.WriteAsync(bytes, Token);
        bytes.Position = 0;
        using var reader = new TarReader(bytes);
        var entries = new Dictionary<string, TarEntry>();
        while (await reader.GetNextEntryAsync(copyData: true, Token) is { } entry)
            entries.Add(entry.Name, entry);
        return entries;
    }
}
