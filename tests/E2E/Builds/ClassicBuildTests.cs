using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>Clients that know the classic builder alone: Docker's command line without buildx, Docker.DotNet, docker-py.</summary>
public sealed class ClassicBuildTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private const string Dockerfile = """
        FROM busybox
        ARG GREETING=hello
        WORKDIR /app
        COPY . .
        RUN echo "$GREETING from the build" > said && ls > listing
        CMD ["cat", "said", "listing"]
        """;

    private EngineFixture Engine => hub.Engine;

    private string Uploads => Path.Combine(Engine.Root, "data/uploads");

    private async Task<string> RunAsync(string image) => (await Engine.GantryAsync("run", "--rm", image)).Succeeded().Output;

    [Fact]
    public async Task DockersCommandLineBuilds()
    {
        using var project = new Project(("Dockerfile", Dockerfile), (".dockerignore", "*.log\nDockerfile\n.dockerignore\n"), ("kept.txt", "x"), ("left.log", "x"));
        var built = (await Project.ClassicAsync(Engine, "build", "-t", "classic:1", "-t", "classic:2", "--build-arg", "GREETING=hi", "--label", "by=docker", project.Folder)).Succeeded();
        Assert.Matches("Step 1/[0-9]+ : FROM .*busybox", built.Output);
        Assert.Matches(" : RUN echo .*\n ---> Running in [0-9a-f]{12}\n", built.Output);
        Assert.Matches("\nSuccessfully built [0-9a-f]{12}\nSuccessfully tagged classic:1\nSuccessfully tagged classic:2\n", built.Output);
        Assert.Equal("hi from the build\nkept.txt\nlisting\nsaid\n", await RunAsync("classic:2"));
        Assert.Equal("docker", (await Engine.DockerAsync("inspect", "--format", "{{.Config.Labels.by}}", "classic:1")).Succeeded().Text);

        var again = (await Project.ClassicAsync(Engine, "build", "-t", "classic:1", "--build-arg", "GREETING=hi", "--label", "by=docker", project.Folder)).Succeeded();
        Assert.Contains(" ---> Using cache\n", again.Output, StringComparison.Ordinal);
        var quiet = (await Project.ClassicAsync(Engine, "build", "-q", "--build-arg", "GREETING=hi", "--label", "by=docker", project.Folder)).Succeeded();
        Assert.Equal((await Engine.DockerAsync("inspect", "--format", "{{.Id}}", "classic:1")).Succeeded().Text, quiet.Text);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Uploads));
    }

    [Fact]
    public async Task AFailingCommandGivesItsExitCode()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN echo before; exit 3\n"));
        var failed = await Project.ClassicAsync(Engine, "build", project.Folder);
        Assert.Equal(3, failed.ExitCode);
        Assert.Contains("before\n", failed.Output, StringComparison.Ordinal);
        Assert.Contains("The command '/bin/sh -c echo before; exit 3' returned a non-zero code: 3", failed.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Uploads));
    }

    [Fact]
    public async Task AnArchiveAndADockerfileComeOnStandardInput()
    {
        using var project = new Project(("sub/Other", "FROM busybox\nCOPY a.txt /\nCMD cat /a.txt\n"), ("a.txt", "from the archive\n"));
        (await Command.RunAsync("sh", ["-c", $"DOCKER_BUILDKIT=0 docker -H {Engine.Host} build -t stdin:tar -f sub/Other - < {project.Archive()}"])).Succeeded();
        Assert.Equal("from the archive\n", await RunAsync("stdin:tar"));
        (await Command.RunAsync("sh", ["-c", $"gzip -c {project.Archive()} | DOCKER_BUILDKIT=0 docker -H {Engine.Host} build -t stdin:gz -f sub/Other -"])).Succeeded();
        Assert.Equal("from the archive\n", await RunAsync("stdin:gz"));
        (await Command.RunAsync("sh", ["-c", $"printf 'FROM busybox\\nCMD echo alone' | DOCKER_BUILDKIT=0 docker -H {Engine.Host} build -t stdin:file -"])).Succeeded();
        Assert.Equal("alone\n", await RunAsync("stdin:file"));
    }

    [Fact]
    public async Task AClientThatGoesAwayLeavesNothing()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN sleep 61843\n"));
        using var client = Command.Start("docker", ["-H", Engine.Host, "build", project.Folder], new Dictionary<string, string?> { ["DOCKER_BUILDKIT"] = "0" });
        client.StandardInput.Close();
        await Eventually.HoldsAsync("the step runs", () => Task.FromResult(Sleepers() > 0));
        client.Kill();
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync("the step has ended", () => Task.FromResult(Sleepers() == 0));
        await Eventually.HoldsAsync("its files are gone", () => Task.FromResult(!Directory.EnumerateFileSystemEntries(Uploads).Any()));
        Assert.Contains("canceled", (await Engine.GantryAsync("builder", "logs", "ls")).Succeeded().Output, StringComparison.Ordinal);

        static int Sleepers() => Directory.EnumerateDirectories("/proc").Count(static process =>
        {
            try
            {
                return File.ReadAllText(process + "/cmdline").StartsWith("sleep\0" + "61843", StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task DockerDotNetBuilds()
    {
        using var project = new Project(("Dockerfile", Dockerfile));
        using var client = new DockerClientBuilder().WithEndpoint(new Uri(Engine.Host)).Build();
        await using var archive = File.OpenRead(project.Archive());
        var said = new StringBuilder();
        await client.Images.BuildImageFromDockerfileAsync(
            new ImageBuildParameters { Tags = ["dotnet:built"], BuildArgs = new Dictionary<string, string> { ["GREETING"] = "hej" }, Labels = new Dictionary<string, string> { ["by"] = "dotnet" } },
            archive,
            [],
            new Dictionary<string, string>(),
            new Said(said),
            TestContext.Current.CancellationToken);
        Assert.Contains("Successfully tagged dotnet:built", said.ToString(), StringComparison.Ordinal);
        Assert.Equal("hej from the build\nDockerfile\nlisting\nsaid\n", await RunAsync("dotnet:built"));
    }

    [Fact]
    public async Task DockerPyBuilds()
    {
        var script = Path.Combine(Repository.Root, "tests/E2E/Builds/build_py.py");
        Assert.EndsWith("OK", (await Command.RunAsync("/usr/bin/python3", [script, Engine.Host])).Succeeded().Text, StringComparison.Ordinal);
    }

    // Not Progress<T>, which would hand the texts to other threads.
    private sealed class Said(StringBuilder text) : IProgress<JSONMessage>
    {
        public void Report(JSONMessage value) => text.Append(value.Stream);
    }
}
