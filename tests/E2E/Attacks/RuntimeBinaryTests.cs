using System.Text.Json.Nodes;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Attacks;

/// <summary>A container cannot write to the runtime's program, nor to the memory of its processes (CVE-2019-5736 and its kin).</summary>
public sealed class RuntimeBinaryTests(AttackFixture fixture) : IClassFixture<AttackFixture>
{
    private EngineFixture Engine => fixture.Engine;

    [Fact]
    public async Task Run_TheRuntimeMadeToExecuteItselfIsReadOnly()
    {
        var result = await Engine.GantryAsync("run", "--rm", "overwriter", "/evil");

        Assert.Equal("overwrite EROFS", result.Text);
    }

    [Fact]
    public async Task Exec_TheRuntimeMadeToExecuteItselfIsReadOnly()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "victim", "overwriter", "/bin/sleep", "1000")).Succeeded();
        var result = await Engine.GantryAsync("exec", "victim", "/evil");

        Assert.Equal("overwrite EROFS", result.Text);
        (await Engine.GantryAsync("rm", "-f", "victim")).Succeeded();
    }

    [Fact]
    public async Task CommandLine_TheRuntimeMadeToExecuteItselfIsReadOnly()
    {
        // A copy that nobody else runs: nothing but our defence stands between the attack and the file.
        var work = Directory.CreateTempSubdirectory("gantry-attack-oci-").FullName;
        var runtime = Path.Combine(work, "gantry-runtime");
        File.Copy(Repository.Program("gantry-runtime"), runtime);
        var before = await File.ReadAllBytesAsync(runtime);
        (await Command.RunAsync(runtime, ["spec", "--bundle", work])).Succeeded();
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(work, "config.json")))!;
        config["process"]!["args"] = new JsonArray("/evil");
        config["process"]!["terminal"] = false;
        config["root"] = new JsonObject { ["path"] = fixture.OverwriterRoot };
        await File.WriteAllTextAsync(Path.Combine(work, "config.json"), config.ToJsonString());

        var result = await Command.RunAsync(runtime, ["--root", Path.Combine(work, "state"), "run", "--bundle", work, "gantry-attack"]);
        Assert.Equal("overwrite EROFS", result.Text);
        Assert.Equal(before, await File.ReadAllBytesAsync(runtime));
        Directory.Delete(work, recursive: true);
    }

    [Fact]
    public async Task Exec_HalfMadeProcessesCannotBeOpened()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "hunter", "hostile", "/attack", "hunt", "4")).Succeeded();
        for (var i = 0; i < 40; i++)
            await Engine.GantryAsync("exec", "hunter", "/bin/true");
        (await Engine.GantryAsync("wait", "hunter")).Succeeded();

        Assert.Equal("hunted", (await Engine.GantryAsync("logs", "hunter")).Succeeded().Text);
        (await Engine.GantryAsync("rm", "-f", "hunter")).Succeeded();
    }

    [Fact]
    public async Task NothingOfTheHostIsOpenInside()
    {
        Assert.Equal("listed", (await fixture.RunAsync([], "/attack", "descriptors")).Succeeded().Text);
        (await Engine.GantryAsync("run", "-d", "--name", "open", "hostile", "/bin/sleep", "1000")).Succeeded();
        Assert.Equal("listed", (await Engine.GantryAsync("exec", "open", "/attack", "descriptors")).Succeeded().Text);
        (await Engine.GantryAsync("rm", "-f", "open")).Succeeded();
    }

    // CVE-2024-21626: a working directory that is a descriptor of the runtime's, on the host's side.
    [Fact]
    public async Task WorkingDirectoryIsNoDescriptorOfTheRuntimes()
    {
        var marker = Path.Combine(Engine.Root, "marker");
        await File.WriteAllTextAsync(marker, "the host's");
        var up = string.Concat(Enumerable.Repeat("../", 12));
        (await Engine.GantryAsync("run", "-d", "--name", "where", "hostile", "/bin/sleep", "1000")).Succeeded();
        for (var number = 3; number < 24; number++)
        {
            var directory = number % 2 == 0 ? $"/proc/self/fd/{number}" : $"/proc/1/fd/{number}";
            Assert.DoesNotContain("the host's", (await fixture.RunAsync(["-w", directory], "/bin/cat", up + marker[1..])).Output, StringComparison.Ordinal);
            Assert.DoesNotContain("the host's", (await Engine.GantryAsync("exec", "-w", directory, "where", "/bin/cat", up + marker[1..])).Output, StringComparison.Ordinal);
        }
        (await Engine.GantryAsync("rm", "-f", "where")).Succeeded();
    }
}
