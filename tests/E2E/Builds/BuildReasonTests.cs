using System.Text.RegularExpressions;
using Gantry.Tests.E2E.Terminal;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>What Gantry's command line tells of builds beyond Docker's: why steps ran, what a failed one left, what a context holds; and the agents that it lends.</summary>
public sealed partial class BuildReasonTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private EngineFixture Engine => hub.Engine;

    [Fact]
    public async Task WhyNamesWhatChanged()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nARG V=1\nCOPY src /src\nRUN echo $V > /v\n"), ("src/a", "1"), ("src/b", "1"));
        Assert.Equal(["[2/3] COPY src /src: no earlier build of it is known", "[3/3] RUN echo 1 > /v: no earlier build of it is known"], await WhyAsync(project));
        Assert.Empty(await WhyAsync(project));

        // What was written is what the name shows; the variable is what changed.
        Assert.Equal(["[3/3] RUN echo 2 > /v: argument V: \"1\" → \"2\""], await WhyAsync(project, "--build-arg", "V=2"));
        project.Put("src/b", "2");
        project.Put("src/c", "1");
        File.Delete(Path.Combine(project.Folder, "src/a"));
        string[] changed = ["[2/3] COPY src /src: files of the context: changed src/b; added src/c; removed src/a", "[3/3] RUN echo 2 > /v: [2/3] COPY src /src made another result"];
        Assert.Equal(changed, await WhyAsync(project, "--build-arg", "V=2"));
        Assert.Equal(changed, Reasons((await Engine.GantryAsync("build", "logs", "--why")).Succeeded().Output));

        // What the last engine wrote is read by the next, also after builds that had nothing to do.
        Assert.Empty(await WhyAsync(project, "--build-arg", "V=2"));
        await Engine.KillEngineAsync();
        await Engine.StartEngineAsync();
        Assert.Empty(await WhyAsync(project, "--build-arg", "V=2"));
        project.Put("src/b", "3");
        Assert.Equal("[2/3] COPY src /src: files of the context: changed src/b", (await WhyAsync(project, "--build-arg", "V=2"))[0]);
        Assert.Equal("[2/3] COPY src /src: asked for: no cache", (await WhyAsync(project, "--no-cache"))[0]);

        // Another line before it makes no stranger of it, and a password is not shown.
        project.Put("Dockerfile", "FROM busybox\nARG API_TOKEN\nRUN true\nCOPY src /src\nRUN echo $V > /v\n");
        Assert.Equal(
            ["[2/4] RUN true: it is new: the last build had no such step", "[3/4] COPY src /src: it is built on [2/4] RUN true now, and was on [1/3] FROM"],
            (await WhyAsync(project, "--build-arg", "API_TOKEN=hush-1"))[..2].Select(line => FromName().Replace(line, "FROM")));
        var why = await WhyAsync(project, "--build-arg", "API_TOKEN=hush-2");
        Assert.Equal("[2/4] RUN true: argument API_TOKEN changed (its value is not shown)", why[0]);
    }

    [Fact]
    public async Task AMissingFileIsGuessedByWhatTheClientHas()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN true\nCOPY src/pakage.json /\nCMD x\n"), ("src/package.json", "{}"), (".dockerignore", "*.log"));
        var failed = await Engine.GantryAsync("build", project.Folder);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("\"/src/pakage.json\": not found (did you mean \"/src/package.json\"?)", failed.Error, StringComparison.Ordinal);
        Assert.Contains("   3 | >>> COPY src/pakage.json /\n", failed.Error, StringComparison.Ordinal);
        var classic = await Project.ClassicAsync(Engine, "build", project.Folder);
        Assert.Contains("COPY failed: file not found in build context or excluded by .dockerignore: stat src/pakage.json: file does not exist (did you mean \"/src/package.json\"?)", classic.Error, StringComparison.Ordinal);
        // The client is there for what comes after such a question.
        project.Put("Dockerfile", "FROM busybox\nCOPY build.log /\n");
        Assert.Contains("\"/build.log\": not found (.dockerignore leaves it out)", (await Engine.GantryAsync("build", project.Folder)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AShellOpensWhereAStepFailed()
    {
        (await Engine.GantryAsync("pull", "-q", "busybox")).Succeeded();
        using var project = new Project(("Dockerfile", "FROM busybox\nENV A=b\nWORKDIR /work\nRUN echo here > left; exit 4\n"));
        await using var terminal = TerminalSession.Start($"stty rows 31 cols 91; {Repository.Program("gantry")} --host {Engine.Host} build --on-fail shell {project.Folder}; echo \"code=$?\"; stty -a | tr ';' '\\n' | grep -ow -e '-*echo' -e '-*icanon'; echo the-end");
        await terminal.SeeAsync("failed: this shell is where it ran");
        await terminal.SeeAsync("/work #");
        await terminal.TypeAsync("cat left; echo $A-$(pwd)-$(stty size)\r", "here\r\nb-/work-31 91\r\n");
        await terminal.ResizeAsync(41, 101);
        await Eventually.HoldsAsync("the new size is seen inside", async () =>
        {
            var from = terminal.Screen.Length;
            await terminal.TypeAsync("stty size; echo asked\r", "asked\r\n");
            return terminal.Screen.IndexOf("41 101", from, StringComparison.Ordinal) >= 0;
        });
        await terminal.TypeAsync("exit\r");
        await terminal.SeeAsync("the-end\r\n");
        Assert.Contains("exit code: 4", terminal.Screen, StringComparison.Ordinal);
        Assert.Contains("code=1\r\nicanon\r\necho\r\nthe-end", terminal.Screen, StringComparison.Ordinal);
        await terminal.EndAsync();
    }

    [Fact]
    public async Task AShellThatIsLeftOpenEndsWithItsClient()
    {
        (await Engine.GantryAsync("pull", "-q", "busybox")).Succeeded();
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN no-such-program\n"));
        await using (var terminal = TerminalSession.Start($"exec {Repository.Program("gantry")} --host {Engine.Host} build --on-fail shell {project.Folder}"))
        {
            await terminal.SeeAsync("/ #");
            await terminal.TypeAsync("sleep 27182818\r");
            await Eventually.HoldsAsync("the shell runs it", HasSleepAsync);
        }

        await Eventually.HoldsAsync("it has ended", async () => !await HasSleepAsync());

        // An image without a shell has none to open, and says so.
        project.Put("Dockerfile", "FROM busybox AS b\nFROM scratch\nCOPY --from=b /bin/false /false\nRUN [\"/false\"]\n");
        await using var other = TerminalSession.Start($"{Repository.Program("gantry")} --host {Engine.Host} build --on-fail shell {project.Folder}; echo \"code=$?\"");
        await other.SeeAsync("no shell can be opened there: ");
        await other.SeeAsync("code=1");

        static async Task<bool> HasSleepAsync() => (await Command.RunAsync("pgrep", ["-f", "^sleep 27182818$"])).ExitCode == 0;
    }

    [Fact]
    public async Task AContextIsReportedWithoutABuild()
    {
        using var project = new Project(("Dockerfile", "FROM busybox\n"), ("large.bin", new string('x', 5000)), (".env", "PASSWORD=1"), (".dockerignore", "*.bak\nskipped\n"), ("skipped/more", "xyz"));
        var reported = (await Engine.GantryAsync("build", "--context-report", project.Folder)).Succeeded();
        Assert.Equal("", reported.Error);
        Assert.StartsWith($"Context {project.Folder}: 4 files, 5.", reported.Output, StringComparison.Ordinal);
        Assert.Contains("Largest:\n        5kB  large.bin\n", reported.Output, StringComparison.Ordinal);
        Assert.Contains("Patterns of .dockerignore that match nothing:\n  *.bak\n", reported.Output, StringComparison.Ordinal);
        Assert.Contains("  .env: variables, passwords often among them\n", reported.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAgentOfAKeyIsLentAndEnds()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ssh-add") && File.Exists("/usr/bin/ssh-agent") && File.Exists("/usr/bin/ssh-keygen"), "openssh-client is not installed");
        using var keys = new Project(("note", ""));
        var key = Path.Combine(keys.Folder, "id_test");
        (await Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "key-of-the-test", "-f", key])).Succeeded();
        // The program that asks comes with what it needs of this machine.
        using var project = new Project(("Dockerfile", "FROM busybox\nCOPY tools /\nRUN --mount=type=ssh,id=lent ssh-add -l && ssh-add -l && ls -l $SSH_AUTH_SOCK\nRUN test -z \"$SSH_AUTH_SOCK\"\n"));
        foreach (var file in LibraryPath().Matches((await Command.RunAsync("ldd", ["/usr/bin/ssh-add"])).Succeeded().Output).Select(match => match.Value).Append("/usr/bin/ssh-add"))
        {
            var copy = Path.Combine(project.Folder, "tools" + file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var agents = await AgentsAsync();
        var built = (await Engine.GantryAsync("build", "--ssh", $"lent={key}", project.Folder)).Succeeded();
        Assert.Equal(2, KeyLine().Count(built.Error));
        await Eventually.HoldsAsync("the agent has ended", async () => await AgentsAsync() == agents);
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), "gantry-ssh-*"));

        // One that runs already, by its socket and by the environment's name for it.
        var socket = Path.Combine(keys.Folder, "agent");
        var started = (await Command.RunAsync("ssh-agent", ["-s", "-a", socket])).Succeeded().Output;
        var pid = started.Split("SSH_AGENT_PID=")[1].Split(';')[0];
        try
        {
            var environment = new Dictionary<string, string?> { ["SSH_AUTH_SOCK"] = socket };
            (await Command.RunAsync("ssh-add", ["-q", key], "", environment)).Succeeded();
            Assert.Equal(2, KeyLine().Count((await Engine.GantryAsync("build", "--no-cache", "--ssh", $"lent={socket}", project.Folder)).Succeeded().Error));
            var known = await Command.RunAsync(Repository.Program("gantry"), ["--host", Engine.Host, "build", "--no-cache", "--ssh", "lent", project.Folder], "", environment);
            Assert.Equal(2, KeyLine().Count(known.Succeeded().Error));
        }
        finally
        {
            (await Command.RunAsync("kill", [pid])).Succeeded();
        }

        // A socket nobody listens at is not taken for an agent, and a step that must have one says which.
        Assert.Contains("--ssh lent: ", (await Engine.GantryAsync("build", "--ssh", $"lent={Path.Combine(keys.Folder, "note")}", project.Folder)).Exited(1).Error, StringComparison.Ordinal);

        static async Task<string> AgentsAsync() => (await Command.RunAsync("pgrep", ["-c", "ssh-agent"])).Text;
    }

    /// <summary>Builds, and returns a line for each step that ran: its name and its reasons.</summary>
    private async Task<string[]> WhyAsync(Project project, params string[] more) =>
        Reasons((await Engine.GantryAsync(["build", "--why", .. more, project.Folder])).Succeeded().Error);

    private static string[] Reasons(string text)
    {
        if (text.Contains("No step ran: nothing that they use changed since the last build.\n", StringComparison.Ordinal))
            return [];
        var told = WhyBlock().Match(text);
        Assert.True(told.Success, text);
        return [.. StepWithReasons().Matches(told.Value).Select(step => $"{step.Groups[1].Value}: {string.Join("; ", step.Groups[2].Captures.Select(reason => reason.Value))}")];
    }

    [GeneratedRegex(@"Why \d+ steps? ran:\n(?: .*\n)+")]
    private static partial Regex WhyBlock();

    [GeneratedRegex(@"(?m)^ (\[.*)\n(?:   - (.*)\n)+")]
    private static partial Regex StepWithReasons();

    [GeneratedRegex(@"FROM .*$")]
    private static partial Regex FromName();

    [GeneratedRegex(@"/\S+(?= \(0x)")]
    private static partial Regex LibraryPath();

    [GeneratedRegex(@"256 SHA256:\S+ key-of-the-test \(ED25519\)")]
    private static partial Regex KeyLine();
}
