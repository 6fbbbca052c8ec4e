using System.Net.Sockets;
using System.Text;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.System.BuildKit;

/// <summary>The buildx that others wrote drives the door; the builder behind it is scripted.</summary>
public sealed class BuildxTests
{
    private const string Step = "[1/1] RUN make";

    [Fact]
    public async Task FilesOptionsProgressAndTheImagesDigestGetThrough()
    {
        var seen = new Dictionary<string, string>();
        var builder = new ScriptedBuilder(async (spec, session, progress, token) =>
        {
            foreach (var name in (string[])["dockerfile", "context"])
            {
                var directory = Directory.CreateTempSubdirectory().FullName;
                await session.ReceiveAsync(new ContextRequest { Name = name, FollowPaths = name == "dockerfile" ? ["Dockerfile", "Dockerfile.dockerignore"] : [], Excludes = name == "context" ? ["*.log", "tmp,x"] : [] }, directory, null, token);
                foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
                    seen[name + ":" + Path.GetRelativePath(directory, file)] = await File.ReadAllTextAsync(file, token);
                Directory.Delete(directory, recursive: true);
            }

            progress.Report(Outcomes.Vertex("[internal] load build definition from Dockerfile"));
            progress.Report(Outcomes.Vertex(Step, done: false));
            progress.Report(Outcomes.Log(Step, "made\n"));
            progress.Report(Outcomes.Vertex(Step));
            return Outcomes.Of(spec);
        });
        await using var door = await DoorHost.StartAsync(builder);
        door.Write("Dockerfile", "FROM scratch\n");
        door.Write("a.txt", "one");
        door.Write("sub/b.txt", "two");
        door.Write("x.log", "no");
        door.Write("tmp,x", "no");
        var id = Path.Combine(door.Root, "id");

        var result = await door.BuildAsync("-t", "made:1", "--build-arg", "A=1", "--label", "l=v", "--target", "last", "--no-cache", "--add-host", "h:1.2.3.4", "--network", "none", "--shm-size", "1m", "--ulimit", "nofile=5:6", "--iidfile", id, door.Context);

        result.Succeeded();
        Assert.Equal(["context:Dockerfile", "context:a.txt", "context:sub/b.txt", "dockerfile:Dockerfile"], seen.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("two", seen["context:sub/b.txt"]);
        var spec = Assert.Single(builder.Specs);
        Assert.Equal("1", spec.Arguments["A"]);
        Assert.Equal("v", spec.Labels["l"]);
        Assert.Equal("last", spec.Target);
        Assert.True(spec.NoCache);
        Assert.Equal(["h:1.2.3.4"], spec.ExtraHosts);
        Assert.Equal(StepNetwork.None, spec.Network);
        Assert.Equal(1 << 20, spec.ShmSizeBytes);
        Assert.Equal(["nofile=5:6"], spec.Ulimits);
        var output = Assert.Single(spec.Outputs);
        Assert.Equal(BuildOutputKind.Image, output.Kind);
        Assert.Equal(["made:1"], output.Names);
        Assert.Equal(Outcomes.Image.ToString(), await File.ReadAllTextAsync(id));
        Assert.Contains(Step, result.Error, StringComparison.Ordinal);
        Assert.Contains("made", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailureShowsTheLineOfTheDockerfile()
    {
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder(async (_, session, progress, token) =>
        {
            var directory = Directory.CreateTempSubdirectory().FullName;
            await session.ReceiveAsync(new ContextRequest { Name = "dockerfile", FollowPaths = ["Dockerfile"] }, directory, null, token);
            Directory.Delete(directory, recursive: true);
            progress.Report(Outcomes.Vertex(Step, error: "exit code: 3"));
            progress.Report(Outcomes.Log(Step, "it broke\n"));
            throw GantryException.Of(ErrorKind.Invalid, "process \"/bin/sh -c make\" did not complete successfully: exit code: 3", cause: new DockerfileException(new SourceLines(2, 2)));
        }));
        door.Write("Dockerfile", "FROM scratch\nRUN make\n");

        var result = await door.BuildAsync(door.Context);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("ERROR: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 3", result.Error, StringComparison.Ordinal);
        Assert.Contains("Dockerfile:2", result.Error, StringComparison.Ordinal);
        Assert.Contains("2 | >>> RUN make", result.Error, StringComparison.Ordinal);
        Assert.Contains("it broke", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretsAreThereOrNot()
    {
        string? known = null;
        byte[]? unknown = [1];
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder(async (spec, session, _, token) =>
        {
            known = Encoding.UTF8.GetString((await session.FindSecretAsync("s", token))!);
            unknown = await session.FindSecretAsync("other", token);
            Assert.Null(await session.FindLoginAsync("registry.test", token));
            Assert.False(await session.HasAgentAsync("default", token));
            return Outcomes.Of(spec);
        }));
        door.Write("Dockerfile", "FROM scratch\n");
        var file = Path.Combine(door.Root, "secret");
        await File.WriteAllTextAsync(file, "hush");

        (await door.BuildAsync("--secret", $"id=s,src={file}", door.Context)).Succeeded();

        Assert.Equal("hush", known);
        Assert.Null(unknown);
    }

    [Fact]
    public async Task FilesAndArchivesGoBackToTheClient()
    {
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder(async (spec, session, _, token) =>
        {
            foreach (var output in spec.Outputs)
            {
                if (output.Kind == BuildOutputKind.Tar)
                {
                    using var archive = new MemoryStream(Encoding.ASCII.GetBytes(new string('x', 300_000)));
                    await session.SendArchiveAsync(output, archive, token);
                    continue;
                }

                var directory = Directory.CreateTempSubdirectory().FullName;
                Directory.CreateDirectory(Path.Combine(directory, "a/b"));
                await File.WriteAllTextAsync(Path.Combine(directory, "a/b/file"), new string('y', 100_000), token);
                await File.WriteAllTextAsync(Path.Combine(directory, "a.txt"), "", token);
                File.SetUnixFileMode(Path.Combine(directory, "a.txt"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
                File.CreateSymbolicLink(Path.Combine(directory, "link"), "a/b/file");
                await session.SendDirectoryAsync(output, directory, token);
                Directory.Delete(directory, recursive: true);
            }

            return Outcomes.Of(spec);
        }));
        door.Write("Dockerfile", "FROM scratch\n");
        var (tar, local) = (Path.Combine(door.Root, "out.tar"), Path.Combine(door.Root, "out"));

        (await door.BuildAsync("--output", $"type=tar,dest={tar}", door.Context)).Succeeded();
        (await door.BuildAsync("--output", $"type=local,dest={local}", door.Context)).Succeeded();

        Assert.Equal(300_000, new FileInfo(tar).Length);
        Assert.Equal(100_000, new FileInfo(Path.Combine(local, "a/b/file")).Length);
        Assert.Equal("a/b/file", new FileInfo(Path.Combine(local, "link")).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(local, "a.txt")));
    }

    [Fact]
    public async Task OnlyWhatChangedIsSentAgain()
    {
        var directory = Directory.CreateTempSubdirectory().FullName;
        var bytes = new List<long>();
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder(async (spec, session, _, token) =>
        {
            long last = 0;
            await session.ReceiveAsync(new ContextRequest { Name = "context" }, directory, count => last = count, token);
            bytes.Add(last);
            return Outcomes.Of(spec);
        }));
        door.Write("Dockerfile", "FROM scratch\n");
        door.Write("large", new string('z', 500_000));
        door.Write("old", "x");

        (await door.BuildAsync(door.Context)).Succeeded();
        Assert.True(File.Exists(Path.Combine(directory, "old")));
        File.Delete(Path.Combine(door.Context, "old"));
        door.Write("new/er", "y");
        (await door.BuildAsync(door.Context)).Succeeded();

        Assert.InRange(bytes[0], 500_000, 600_000);
        Assert.InRange(bytes[1], 1, 2_000);
        Assert.Equal(["Dockerfile", "large", "new/er"], Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(directory, f)).Order(StringComparer.Ordinal));
        Assert.Equal(File.GetLastWriteTimeUtc(Path.Combine(door.Context, "large")), File.GetLastWriteTimeUtc(Path.Combine(directory, "large")));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task AnArchiveOnStandardInputIsAContext()
    {
        var files = new List<string>();
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder(async (spec, session, _, token) =>
        {
            foreach (var name in (string[])["dockerfile", spec.Context])
            {
                var directory = Directory.CreateTempSubdirectory().FullName;
                await session.ReceiveAsync(new ContextRequest { Name = name, Excludes = name == "dockerfile" ? [] : ["no*"] }, directory, null, token);
                files.AddRange(Directory.EnumerateFiles(directory).Select(f => $"{name}:{Path.GetFileName(f)}"));
                Directory.Delete(directory, recursive: true);
            }

            return Outcomes.Of(spec);
        }));
        door.Write("Dockerfile", "FROM scratch\n");
        door.Write("yes", "1");
        door.Write("no1", "1");
        var archive = Path.Combine(door.Root, "context.tar.gz");
        (await Command.RunAsync("tar", ["-czf", archive, "-C", door.Context, "."])).Succeeded();

        using var build = door.StartBuild("-");
        await using (var source = File.OpenRead(archive))
            await source.CopyToAsync(build.StandardInput.BaseStream);
        build.StandardInput.Close();
        var error = await build.StandardError.ReadToEndAsync();
        await build.WaitForExitAsync();

        Assert.True(build.ExitCode == 0, error);
        Assert.Equal(["context:Dockerfile", "context:yes", "dockerfile:Dockerfile", "dockerfile:no1", "dockerfile:yes"], files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AnInterruptedClientsBuildIsCanceled()
    {
        var begun = new TaskCompletionSource();
        var canceled = new TaskCompletionSource();
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder(async (spec, _, _, token) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException)
            {
                canceled.SetResult();
                throw;
            }

            return Outcomes.Of(spec);
        }));
        door.Write("Dockerfile", "FROM scratch\n");

        using var build = door.StartBuild(door.Context);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60));
        (await Command.RunAsync("kill", ["-INT", $"{build.Id}"])).Succeeded();

        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await build.WaitForExitAsync();
        Assert.NotEqual(0, build.ExitCode);
    }

    [Fact]
    public async Task ALentAgentIsSpokenTo()
    {
        var answer = new byte[9];
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder(async (spec, session, _, token) =>
        {
            Assert.True(await session.HasAgentAsync("lent", token));
            Assert.False(await session.HasAgentAsync("other", token));
            await using var agent = await session.OpenAgentAsync("lent", token);
            // SSH_AGENTC_REQUEST_IDENTITIES; SSH_AGENT_IDENTITIES_ANSWER with none. Source: draft-miller-ssh-agent.
            await agent.WriteAsync(new byte[] { 0, 0, 0, 1, 11 }, token);
            await agent.ReadExactlyAsync(answer, token);
            return Outcomes.Of(spec);
        }));
        door.Write("Dockerfile", "FROM scratch\n");
        var path = Path.Combine(door.Root, "agent");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var agent = ServeAsync(listener);

        (await door.BuildAsync("--ssh", $"lent={path}", door.Context)).Succeeded();

        Assert.Equal([0, 0, 0, 5, 12, 0, 0, 0, 0], answer);
        listener.Dispose();
        await agent;

        static async Task ServeAsync(Socket listener)
        {
            try
            {
                while (true)
                {
                    using var connection = await listener.AcceptAsync();
                    var request = new byte[16];
                    while (await connection.ReceiveAsync(request) > 0)
                        await connection.SendAsync(new byte[] { 0, 0, 0, 5, 12, 0, 0, 0, 0 });
                }
            }
            catch (SocketException)
            {
                // The test has ended.
            }
            catch (ObjectDisposedException)
            {
                // So it has.
            }
        }
    }

    [Fact]
    public async Task QuestionsAreAnsweredAndNothingIsBuilt()
    {
        var builder = new ScriptedBuilder((spec, _, _, _) => Task.FromResult(Outcomes.Of(spec)));
        await using var door = await DoorHost.StartAsync(builder);
        door.Write("Dockerfile", "FROM scratch\n");
        // The client makes its text of the JSON itself.
        Assert.Equal("{\"name\":\"frontend.outline of t\"}\n", (await door.AskAsync("--target", "t", "--print", "outline,format=json", door.Context)).Succeeded().Output);
        Assert.Contains("frontend.outline of t", (await door.AskAsync("--target", "t", "--print", "outline", door.Context)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Empty(builder.Specs);
    }

    [Fact]
    public async Task OtherCommandsOfTheClientAreAnswered()
    {
        await using var door = await DoorHost.StartAsync(new ScriptedBuilder((spec, _, _, _) => Task.FromResult(Outcomes.Of(spec))));
        var list = (await door.BuildxAsync("inspect")).Succeeded().Text;
        Assert.Contains("running", list, StringComparison.Ordinal);
        Assert.Contains("linux/amd64", list, StringComparison.Ordinal);
        Assert.Contains("10.9.8.7", list, StringComparison.Ordinal);
    }
}
