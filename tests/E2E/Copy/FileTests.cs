using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Copy;

/// <summary>cp, diff, export, commit, df and prune through Docker's command line and through Gantry's, on one engine.</summary>
public sealed class FileTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private EngineFixture Engine => hub.Engine;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CopiesAsDockerCopies(bool docker)
    {
        Task<CommandResult> Run(params string[] arguments) => docker ? Engine.DockerAsync(arguments) : Engine.GantryAsync(arguments);
        var name = docker ? "cp-d" : "cp-g";
        (await Run("run", "-d", "--name", name, "busybox", "sh", "-c", "mkdir -p /src/sub; echo one > /src/f; echo two > /src/sub/g; ln -s f /src/link; sleep 600")).Succeeded();
        await Eventually.HoldsAsync("the files are there", async () => (await Run("exec", name, "test", "-L", "/src/link")).ExitCode == 0);
        var here = Directory.CreateTempSubdirectory("gantry-cp-").FullName;
        try
        {
            Directory.CreateDirectory($"{here}/in/deep");
            await File.WriteAllTextAsync($"{here}/in/a", "A");
            await File.WriteAllTextAsync($"{here}/in/deep/b", "B");
            File.CreateSymbolicLink($"{here}/to-a", $"{here}/in/a");

            // out: file to directory, to a new name; directory to an existing one, to a new one, its content alone; links
            (await Run("cp", $"{name}:/src/f", here)).Succeeded();
            Assert.Equal("one\n", await File.ReadAllTextAsync($"{here}/f"));
            Assert.Equal("", (await Run("cp", $"{name}:/src/f", $"{here}/renamed")).Succeeded().Error);
            var said = (await Run("cp", "--quiet=false", $"{name}:/src/f", $"{here}/renamed")).Succeeded();
            Assert.Matches($"Successfully copied [0-9.]+kB to {here}/renamed\n$", said.Error);
            Assert.Equal("one\n", await File.ReadAllTextAsync($"{here}/renamed"));
            (await Run("cp", "-q", $"{name}:/src", here)).Succeeded();
            Assert.Equal("two\n", await File.ReadAllTextAsync($"{here}/src/sub/g"));
            (await Run("cp", $"{name}:/src", $"{here}/new")).Succeeded();
            Assert.Equal("two\n", await File.ReadAllTextAsync($"{here}/new/sub/g"));
            Directory.CreateDirectory($"{here}/content");
            (await Run("cp", $"{name}:/src/.", $"{here}/content")).Succeeded();
            Assert.Equal("two\n", await File.ReadAllTextAsync($"{here}/content/sub/g"));
            Assert.Equal("f", File.ResolveLinkTarget($"{here}/content/link", false)?.Name);
            (await Run("cp", "-L", $"{name}:/src/link", $"{here}/followed")).Succeeded();
            Assert.Null(new FileInfo($"{here}/followed").LinkTarget);
            Assert.Equal("one\n", await File.ReadAllTextAsync($"{here}/followed"));

            // in: the same
            (await Run("cp", $"{here}/in/a", $"{name}:/tmp")).Succeeded();
            (await Run("cp", $"{here}/in/a", $"{name}:/tmp/renamed")).Succeeded();
            (await Run("cp", $"{here}/in", $"{name}:/tmp")).Succeeded();
            (await Run("cp", $"{here}/in", $"{name}:/tmp/new")).Succeeded();
            (await Run("cp", $"{here}/in/.", $"{name}:/src")).Succeeded();
            (await Run("cp", "-L", $"{here}/to-a", $"{name}:/tmp/")).Succeeded();
            Assert.Equal("AABBBA", (await Run("exec", name, "cat", "/tmp/a", "/tmp/renamed", "/tmp/in/deep/b", "/tmp/new/deep/b", "/src/deep/b", "/tmp/to-a")).Succeeded().Text);

            // refusals
            Assert.Contains("no such directory", (await Run("cp", $"{here}/in/a", $"{name}:/nonesuch/")).Exited(1).Error, StringComparison.Ordinal);
            Assert.Contains("cannot copy directory", (await Run("cp", $"{here}/in", $"{name}:/src/f")).Exited(1).Error, StringComparison.Ordinal);
            Assert.Contains($"Could not find the file /nonesuch in container {name}", (await Run("cp", $"{name}:/nonesuch", here)).Exited(1).Error, StringComparison.Ordinal);
            await File.WriteAllTextAsync($"{here}/deep", "a file where the container has a directory");
            Assert.Contains("cannot overwrite directory", (await Run("cp", $"{here}/deep", $"{name}:/tmp/new")).Exited(1).Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }

        // streams
        var piped = await Command.RunAsync("sh", ["-c", $"{Program(docker)} cp {name}:/src/sub - | tar -tf - && tar -C / -cf - etc/hostname | {Program(docker)} cp - {name}:/tmp"]);
        Assert.Equal("sub/\nsub/g\n", piped.Succeeded().Output);
        (await Run("exec", name, "test", "-f", "/tmp/etc/hostname")).Succeeded();
        (await Run("rm", "-f", name)).Succeeded();
    }

    [Fact]
    public async Task WhatAContainerChangedBecomesAnImage()
    {
        (await Engine.GantryAsync("run", "--name", "maker", "busybox", "sh", "-c", "echo made > /made; rm /etc/passwd")).Succeeded();
        Assert.Equal("C /etc\nD /etc/passwd\nA /made", (await Engine.DockerAsync("diff", "maker")).Succeeded().Text);
        Assert.Equal("C /etc\nD /etc/passwd\nA /made", (await Engine.GantryAsync("container", "diff", "maker")).Succeeded().Text);

        var exported = await Command.RunAsync("sh", ["-c", $"{Program(true)} export maker | tar -xOf - made; {Program(false)} export maker | tar -tf - | grep -c ^bin/"]);
        Assert.StartsWith("made\n", exported.Succeeded().Output, StringComparison.Ordinal);

        Assert.StartsWith("sha256:", (await Engine.DockerAsync("commit", "-c", "CMD [\"cat\",\"/made\"]", "-m", "by docker", "maker", "made:docker")).Succeeded().Text, StringComparison.Ordinal);
        Assert.StartsWith("sha256:", (await Engine.GantryAsync("commit", "-c", "CMD [\"cat\",\"/made\"]", "-a", "me", "maker", "made:gantry")).Succeeded().Text, StringComparison.Ordinal);
        foreach (var tag in (string[])["docker", "gantry"])
            Assert.Equal("made", (await Engine.GantryAsync("run", "--rm", $"made:{tag}")).Succeeded().Text);
        Assert.StartsWith("by docker", (await Engine.DockerAsync("history", "--format", "{{.Comment}}", "made:docker")).Succeeded().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheWireIsDockers()
    {
        (await Engine.GantryAsync("create", "--name", "wire", "busybox")).Succeeded();
        async Task<string> Curl(params string[] arguments) => (await Command.RunAsync("curl", ["-s", "-w", "\n%{http_code}", "--unix-socket", Engine.Socket, .. arguments])).Output;

        var head = await Curl("-I", "http://g/v1.44/containers/wire/archive?path=/etc/");
        Assert.Contains("X-Docker-Container-Path-Stat: eyJuYW1lIjoiZXRjIiwic2l6ZSI6", head, StringComparison.Ordinal);
        Assert.EndsWith("\n404", await Curl("-I", "http://g/v1.44/containers/wire/archive?path=/nonesuch"), StringComparison.Ordinal);
        Assert.Equal("{\"message\":\"bad parameter: path cannot be empty\"}\n\n400", await Curl("http://g/containers/wire/archive"));
        Assert.Equal("{\"message\":\"Could not find the file /nonesuch in container wire\"}\n\n404", await Curl("-X", "PUT", "--data-binary", "", "http://g/containers/wire/archive?path=/nonesuch"));
        Assert.Equal("{\"message\":\"extraction point is not a directory\"}\n\n400", await Curl("-X", "PUT", "--data-binary", "", "http://g/containers/wire/archive?path=/etc/passwd"));
        Assert.Equal("[]\n\n200", await Curl("http://g/containers/wire/changes"));
        Assert.Equal("{\"message\":\"No such container: nobody\"}\n\n404", await Curl("http://g/containers/nobody/export"));
        Assert.Matches("^\\{\"Id\":\"sha256:[0-9a-f]{64}\"\\}\n\n201$", await Curl("-X", "POST", "http://g/commit?container=wire&repo=wired&pause=0"));
        Assert.EndsWith("\n404", await Curl("-X", "POST", "http://g/commit?container=nobody"), StringComparison.Ordinal);

        var old = await Curl("http://g/v1.44/system/df");
        Assert.Contains("\"LayersSize\":", old, StringComparison.Ordinal);
        Assert.Contains("\"BuildCache\":[]", old, StringComparison.Ordinal);
        var summary = await Curl("http://g/system/df?type=container");
        Assert.Contains("\"ContainerUsage\":{", summary, StringComparison.Ordinal);
        Assert.DoesNotContain("Items", summary, StringComparison.Ordinal);
        Assert.DoesNotContain("ImageUsage", summary, StringComparison.Ordinal);
        Assert.Contains("\"Items\":[", await Curl("http://g/system/df?verbose=1"), StringComparison.Ordinal);
        Assert.EndsWith("\n400", await Curl("-X", "POST", "http://g/containers/prune?filters=%7B%22name%22%3A%5B%22x%22%5D%7D"), StringComparison.Ordinal);
        Assert.Equal("{\"NetworksDeleted\":null}\n\n200", await Curl("-X", "POST", "http://g/networks/prune"));
        (await Engine.GantryAsync("rm", "wire")).Succeeded();
    }

    [Fact]
    public async Task DiskUsageAndPrune()
    {
        // An engine of its own: pruning would take the other tests' things away.
        await using var engine = await EngineFixture.StartAsync("--registry-mirror", hub.Registry.Url);
        (await engine.GantryAsync("run", "--name", "ended", "-v", "/anonymous", "busybox", "sh", "-c", "echo 0123456789 > /f")).Succeeded();
        (await engine.GantryAsync("commit", "ended", "named")).Succeeded();
        Assert.Equal("Containers 1 0 11B 11B (100%)", (await engine.DockerAsync("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}")).Succeeded().Text.Split('\n')[1]);
        Assert.Equal((await engine.DockerAsync("system", "df")).Succeeded().Output, (await engine.GantryAsync("system", "df")).Succeeded().Output);
        Assert.Equal((await engine.DockerAsync("system", "df", "-v")).Succeeded().Output, (await engine.GantryAsync("system", "df", "-v")).Succeeded().Output);
        Assert.Contains("11B (virtual", (await engine.DockerAsync("ps", "-as", "--format", "{{.Size}}")).Succeeded().Text, StringComparison.Ordinal);

        Assert.Contains("[y/N]", (await engine.GantryWithInputAsync("n\n", "container", "prune")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("1", (await engine.GantryAsync("ps", "-aq")).Succeeded().Text.Split('\n').Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.EndsWith("Total reclaimed space: 11B", (await engine.GantryWithInputAsync("y\n", "container", "prune")).Succeeded().Text, StringComparison.Ordinal);
        Assert.Contains("Deleted Volumes:", (await engine.DockerAsync("volume", "prune", "-f")).Succeeded().Text, StringComparison.Ordinal);
        Assert.Equal("Total reclaimed space: 0B", (await engine.GantryAsync("image", "prune", "-f")).Succeeded().Text);
        var all = (await engine.DockerAsync("system", "prune", "-fa", "--volumes")).Succeeded().Text;
        Assert.Contains("untagged: named:latest", all, StringComparison.Ordinal);
        Assert.Contains("untagged: busybox:latest", all, StringComparison.Ordinal);
        Assert.Equal("", (await engine.GantryAsync("images", "-q", "--filter", "reference=busybox")).Succeeded().Text);
        Assert.Equal("Total reclaimed space: 0B", (await engine.GantryAsync("system", "prune", "-f")).Succeeded().Text);
    }

    private string Program(bool docker) => docker ? $"docker -H {Engine.Host}" : $"{Repository.Program("gantry")} --host {Engine.Host}";
}
