using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Faults;

/// <summary>Bad input gets a sentence that says what happened, why, and what to type; and the engine lives on.</summary>
public sealed class FaultTests(FaultTests.Fixture fixture) : IClassFixture<FaultTests.Fixture>
{
    private EngineFixture Engine => fixture.Engine;

    [Theory]
    [InlineData("/bin/crlf", 127, "CRLF")]
    [InlineData("/bin/no-interpreter", 127, "/usr/bin/python9")]
    [InlineData("/bin/no-loader", 127, "ld-linux")]
    [InlineData("/bin/other-arch", 126, "arm64")]
    [InlineData("/bin/no-shebang", 126, "#!")]
    [InlineData("/bin/not-executable", 126, "permission denied")]
    [InlineData("/bin", 126, "directory")]
    [InlineData("no-such-program", 127, "executable file not found in $PATH")]
    [InlineData("/bin/nowhere", 127, "no such file or directory")]
    public async Task ProgramsThatCannotRunSayWhy(string program, int code, string reason)
    {
        var result = (await Engine.GantryAsync("run", "--rm", "broken", program)).Exited(code);
        Assert.Contains(reason, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(program, result.Error, StringComparison.Ordinal);
        await NothingIsLeftAsync();
    }

    [Theory]
    [InlineData("{\"Image\": ", 400)]
    [InlineData("[1,2]", 400)]
    [InlineData("{\"Image\": 5}", 400)]
    [InlineData("{\"Image\":\"\"}", 400)]
    [InlineData("{\"Image\":\"broken\",\"HostConfig\":{\"Memory\":\"lots\"}}", 400)]
    [InlineData("{\"Image\":\"broken\",\"HostConfig\":{\"Memory\":1024}}", 400)]
    [InlineData("{\"Image\":\"not there\"}", 400)]
    [InlineData("{\"Image\":\"notthere\"}", 404)]
    public async Task BodiesThatMakeNoSenseAreRefusedWithASentence(string body, int status)
    {
        var result = (await Command.RunAsync(
            "curl", ["-s", "-w", "\n%{http_code}", "--unix-socket", Engine.Socket, "-H", "Content-Type: application/json", "-d", body, "http://gantry/v1.50/containers/create"])).Succeeded();
        var lines = result.Text.Split('\n');
        Assert.Equal($"{status}", lines[^1]);
        Assert.Matches("^\\{\"message\":\"..*\"\\}$", lines[0]);
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task ANameIsTakenOnlyOnce()
    {
        (await Engine.GantryAsync("create", "--name", "twin", "broken", "/bin/sh")).Succeeded();
        var second = (await Engine.GantryAsync("create", "--name", "twin", "broken", "/bin/sh")).Exited(1);
        Assert.Contains("The container name \"/twin\" is already in use by container", second.Error, StringComparison.Ordinal);
        (await Engine.GantryAsync("rm", "twin")).Succeeded();
    }

    [Fact]
    public async Task ATakenPortNamesItsHolder()
    {
        var port = RegistryFixture.FreePort();
        (await Engine.GantryAsync("run", "-d", "--name", "holder", "-p", $"{port}:80", "broken", "/bin/sh", "-c", "while :; do /bin/busybox sleep 1; done")).Succeeded();
        var result = (await Engine.GantryAsync("run", "--rm", "-p", $"{port}:80", "broken", "/bin/sh", "-c", "true")).Exited(125);
        Assert.Contains($"{port}", result.Error, StringComparison.Ordinal);
        Assert.Contains("port is already allocated", result.Error, StringComparison.Ordinal);
        Assert.Contains("holder", result.Error, StringComparison.Ordinal);
        (await Engine.GantryAsync("rm", "-f", "holder")).Succeeded();
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task ABindSourceThatIsNotThereIsNamed()
    {
        var result = (await Engine.GantryAsync("run", "--rm", "--mount", "type=bind,source=/no/such/folder,target=/data", "broken", "/bin/sh", "-c", "true")).Exited(125);
        Assert.Contains("/no/such/folder", result.Error, StringComparison.Ordinal);
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task AFullDiskIsSaidAndLeavesNothing()
    {
        var root = Directory.CreateTempSubdirectory("gantry-full-").FullName;
        (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=8m", "full", root])).Succeeded();
        try
        {
            await using var engine = await EngineFixture.StartAsync("--data-root", root + "/data");
            var big = Path.Combine(fixture.Folder, "big.tar");
            (await Command.RunAsync("bash", ["-c", $"cd {fixture.Folder} && head -c 20000000 /dev/urandom > random && tar cf {big} random"])).Succeeded();
            var full = await engine.GantryAsync("import", big, "big");
            Assert.NotEqual(0, full.ExitCode);
            Assert.Contains("no space left", full.Error, StringComparison.OrdinalIgnoreCase);
            Assert.Equal("", (await engine.GantryAsync("images", "-q", "big")).Succeeded().Text);

            // What was half written is gone: a small image fits.
            var small = Path.Combine(fixture.Folder, "small.tar");
            (await Command.RunAsync("bash", ["-c", $"cd {fixture.Folder} && echo hi > hi && tar cf {small} hi"])).Succeeded();
            (await engine.GantryAsync("import", small, "small")).Succeeded();
        }
        finally
        {
            (await Command.RunAsync("umount", [root])).Succeeded();
            Directory.Delete(root);
        }
    }

    private async Task NothingIsLeftAsync()
    {
        Assert.Equal("", (await Engine.GantryAsync("ps", "-aq")).Succeeded().Text);
        Assert.Equal(0, (await Command.RunAsync("curl", ["-sf", "--unix-socket", Engine.Socket, "http://gantry/_ping"])).ExitCode);
        await Eventually.HoldsAsync("the container's directories are gone", () => Task.FromResult(
            !Directory.EnumerateFileSystemEntries(Path.Combine(Engine.Root, "data", "containers")).Any()));
    }

    /// <summary>An engine with the broken image in it.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public EngineFixture Engine { get; private set; } = null!;

        public string Folder { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Folder = Directory.CreateTempSubdirectory("gantry-faults-").FullName;
            Engine = await EngineFixture.StartAsync();
            var archive = Path.Combine(Folder, "broken.tar");
            await BrokenRootfs.WriteAsync(archive);
            (await Engine.GantryAsync("import", archive, "broken")).Succeeded();
        }

        public async ValueTask DisposeAsync()
        {
            await Engine.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
