using System.Text.Json;
using Gantry.Tests.E2E.Faults;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Explain;

/// <summary>A corpus of broken set-ups: each is run, and explained with a sentence and a fix of its own.</summary>
public sealed class ExplainTests(ExplainTests.Fixture fixture) : IClassFixture<ExplainTests.Fixture>
{
    private EngineFixture Engine => fixture.Engine;

    /// <summary>What is run, the finding's code, and words of its sentence and of its fix. <c>|</c> separates words, <c>~</c> stands for the test's folder.</summary>
    public static TheoryData<string, string, string, string> Ended => new()
    {
        // The program cannot be started.
        { "broken|/bin/crlf", "crlf", "/bin/crlf was saved with Windows line endings", "dos2unix" },
        { "broken|/bin/no-interpreter", "no-interpreter", "a script for /usr/bin/python9", "Install python9" },
        { "broken|/bin/no-loader", "no-loader", "another C library", "Debian or Ubuntu base image" },
        { "broken|/bin/other-arch", "architecture", "built for arm64, and this machine is amd64", "--platform linux/amd64" },
        { "broken|/bin", "is-directory", "\"/bin\" is a directory", "Name a program" },
        { "broken|/bin/not-executable", "not-executable", "/bin/not-executable is not marked executable", "COPY --chmod=755" },
        { "--user|app|broken|/closed/tool", "not-allowed", "User 1000 may not execute /closed/tool", "chmod o+rx" },
        { "broken|/bin/empty", "empty-program", "/bin/empty is an empty file", "Look at what the COPY" },
        { "broken|/bin/app.exe", "windows-program", "a program for Windows", "GOOS=linux" },
        { "broken|/bin/app.mac", "macos-program", "a program for macOS", "rather than on the Mac" },
        { "broken|/bin/marked", "byte-order-mark", "begins with a byte order mark", "UTF-8 without one" },
        { "broken|/bin/no-shebang", "no-shebang", "first line names no interpreter", "#!/bin/sh" },
        { "broken|/bin/damaged", "damaged-program", "/bin/damaged is damaged", "Git LFS pointer" },
        { "broken|/bin/nowhere-at-all", "no-such-program", "/bin/nowhere-at-all is not in the image", "Look at the COPY" },
        { "broken|/bin/slepp", "no-such-program", "/bin/slepp is not in the image", "Did you mean /bin/sleep?" },
        { "-v|hiding:/opt/app|broken|/opt/app/server", "hidden-by-mount", "what is mounted on /opt/app hides", "Mount it elsewhere" },
        { "broken|echo hello world", "quoted-command", "taken for the name of one program", "CMD [\"echo\", \"hello\", \"world\"]" },
        { "broken|-x", "option-after-image", "stands after the image's name", "gantry run -x" },
        { "broken|MODE=debug|sh", "variable-as-command", "sets a variable", "-e MODE=debug" },
        { "broken|cd|/opt", "shell-builtin", "\"cd\" is a word of the shell", "sh -c 'cd /opt'" },
        { "broken|bash", "no-bash", "has no bash", "Use sh" },
        { "hello|sh", "no-shell", "has no shell", "gantry cp" },
        { "-w|/opt|broken|tool", "needs-dot-slash", "in the working directory /opt", "Write ./tool" },
        { "broken|slepp", "mistyped-program", "no program \"slepp\"", "Did you mean sleep?" },
        { "broken|kubectl", "not-in-path", "no program \"kubectl\"", "Install it in the image" },
        { "-e|PATH=|broken|sleep", "no-path", "has no PATH", "full path" },
        { "--user|nobody|broken|sh", "no-user", "no user named nobody", "useradd nobody" },
        { "--user|app:wheel|broken|sh", "no-group", "no group named wheel", "groupadd wheel" },
        { "-p|203.0.113.5:8099:80|broken|sh", "no-such-address", "none of this host's", "ip addr" },
        { "-v|~:/etc/passwd|broken|sh", "file-on-directory", "A file is mounted on a directory", "a directory on a directory" },
        { "-w|/proc/none|broken|sh", "working-directory", "working directory /proc/none cannot be entered", "Name a directory with -w" },

        // It ended in a way that tells why.
        { "broken|sh", "nothing-to-read", "sh had nothing to read", "gantry run -it" },
        { "broken|httpd", "went-to-background", "httpd went on in the background", "FOREGROUND" },
        { "-m|16m|broken|tail|/dev/zero", "out-of-memory", "memory limit of 16m", "--memory 32m" },
        { "broken|sh|-c|sh -c 'kill -ILL $$'; exit $?", "illegal-instruction", "SIGILL", "lscpu" },
        { "broken|sh|-c|sh -c 'kill -ABRT $$'; exit $?", "aborted", "SIGABRT", "gantry logs" },
        { "broken|sh|-c|sh -c 'kill -BUS $$'; exit $?", "bus-error", "SIGBUS", "--shm-size" },
        { "broken|sh|-c|sh -c 'kill -FPE $$'; exit $?", "arithmetic", "divided by zero", "gantry logs" },
        { "broken|sh|-c|sh -c 'kill -KILL $$'; exit $?", "killed", "killed from outside", "dmesg" },
        { "broken|sh|-c|sh -c 'kill -SEGV $$'; exit $?", "segfault", "SIGSEGV", "Alpine's are not Debian's" },
        { "broken|sh|-c|sh -c 'kill -PIPE $$'; exit $?", "broken-pipe", "SIGPIPE", "gantry logs" },
        { "broken|sh|-c|sh -c 'kill -TERM $$'; exit $?", "terminated", "it was not Gantry", "gantry logs" },
        { "--ulimit|cpu=1:1|broken|sh|-c|sh -c 'kill -XCPU $$'; exit $?", "cpu-time", "processor time", "--ulimit cpu" },
        { "broken|sh|-c|sh -c 'kill -SYS $$'; exit $?", "bad-system-call", "seccomp", "--security-opt seccomp" },
        { "broken|sh|-c|exit 126", "command-not-executable", "may not execute it", "chmod +x" },

        // Its last words tell why.
        { "unlinked|/bin/true", "missing-library", "libc.so.6", "apt-file search libc.so.6" },
        { "broken|sh|-c|migrate --all", "command-missing", "not in the image: migrate", "Install migrate" },
        { "broken|cat|/config.yml", "no-such-file", "not there: /config.yml", ".dockerignore" },
        { "--tmpfs|/small:size=64k|broken|dd|if=/dev/zero|of=/small/x|bs=1M|count=1", "tmpfs-full", "tmpfs on /small is full", "--tmpfs /small:size=1g" },
        { "--shm-size|64k|broken|dd|if=/dev/zero|of=/dev/shm/x|bs=1M|count=1", "shm-full", "/dev/shm is full: it has 64k", "--shm-size" },
        { "--read-only|broken|touch|/made", "read-only-root", "--read-only forbids", "--tmpfs /tmp" },
        { "-v|hiding:/data:ro|broken|touch|/data/made", "read-only-mount", "/data, which is mounted read-only", "\":ro\"" },
        { "broken|sh|-c|echo 1 > /proc/sys/vm/swappiness", "read-only", "read-only in a container", "--sysctl" },
        { "--cap-drop|ALL|broken|chown|1000|/etc/passwd", "chown-refused", "may not change the owner", "--cap-add CHOWN" },
        { "--user|app|-v|~:/data|broken|touch|/data/made", "mount-not-writable", "User app of the container may not use what is mounted on /data", "$(id -u)" },
        { "--user|app|-v|hiding:/data|broken|touch|/data/made", "mount-not-writable", "mounted on /data", "The volume hiding belongs to another user" },
        { "--user|app|broken|touch|/made", "permission-denied", "User app may not use that file", "COPY --chown=app" },
        { "broken|mount|-t|tmpfs|none|/mnt", "permission-denied", "although it is root of the container", "--cap-add" },
        { "broken|hostname|other", "not-permitted", "may not do", "man 7 capabilities" },
        { "broken|wget|http://127.0.0.1:81/", "localhost", "127.0.0.1, which is the container itself", "host.docker.internal" },
        { "--network|none|broken|wget|http://db/", "no-such-host", "could not be resolved: db", "leave out --network none" },
        { "broken|sh|-c|nc -l -p 9 & sleep 0.3; nc -l -p 9", "port-in-use-inside", "in use already, within the container", "change the port" },
        { "--pids-limit|4|broken|sh|-c|sleep 9 & sleep 9 & sleep 9 & sleep 9 & sleep 9", "too-many-processes", "as many processes as it may", "--pids-limit 16" },
        { "broken|/bin/crlf-body", "crlf-inside", "Windows line endings", "gitattributes" },
        { "broken|/bin/bash-only", "wrong-shell", "only bash knows", "#!/bin/bash" },
        { "broken|sh|-c|/bin/other-arch; exit $?", "architecture-inside", "another kind of machine", "TARGETARCH" },
    };

    [Theory]
    [MemberData(nameof(Ended))]
    public async Task ABrokenSetUpIsExplained(string words, string code, string sentence, string fix)
    {
        var arguments = words.Replace("~", fixture.Folder, StringComparison.Ordinal).Split('|');
        var run = await Engine.GantryAsync(["run", "--name", "patient", .. arguments]);
        try
        {
            var finding = await FindingAsync("patient", code);
            Assert.Contains(sentence, finding.GetProperty("Sentence").GetString()!, StringComparison.Ordinal);
            Assert.Contains(fix, finding.GetProperty("Fix").GetString()!, StringComparison.Ordinal);
            // The short form told the same, and what to do.
            Assert.True(run.ExitCode == 0 || run.Error.Contains(finding.GetProperty("Fix").GetString()!, StringComparison.Ordinal), run.Error);
        }
        finally
        {
            (await Engine.GantryAsync("rm", "-f", "patient")).Succeeded();
        }
    }

    /// <summary>The same for containers that go on running: until what is wrong shows.</summary>
    public static TheoryData<string, string, string, string> Running => new()
    {
        { "-p|127.0.0.1::80|broken|httpd|-f|-p|127.0.0.1:80", "local-address", "listens on 127.0.0.1 alone", "0.0.0.0" },
        { "-p|127.0.0.1::80|broken|nc|-l|-p|8080", "other-port", "something does on 8080", ":8080" },
        { "-p|127.0.0.1::80|broken|sleep|1000", "nothing-listens", "Nothing listens on port 80/tcp", "gantry logs" },
        { "--health-cmd|curl -f localhost|--health-interval|200ms|--health-retries|1|broken|sleep|1000", "health-command-missing", "a command that is not in the image", "curl and wget" },
        { "--health-cmd|echo not yet; exit 1|--health-interval|200ms|--health-retries|1|broken|sleep|1000", "unhealthy", "with exit code 1: not yet", "gantry exec" },
        { "--health-cmd|sleep 100|--health-interval|200ms|--health-timeout|200ms|--health-retries|1|broken|sleep|1000", "health-timeout", "does not end in time", "--health-timeout" },
        { "--pids-limit|2|broken|sh|-c|sleep 1000 & wait", "pids-limit", "It has 2 processes", "--pids-limit 8" },
        { "--restart|always|broken|sh|-c|exit 3", "restart-loop", "restart policy has started it again", "gantry update --restart no" },
    };

    [Theory]
    [MemberData(nameof(Running))]
    public async Task ARunningContainerIsExplained(string words, string code, string sentence, string fix)
    {
        (await Engine.GantryAsync(["run", "-d", "--name", "patient", .. words.Split('|')])).Succeeded();
        try
        {
            await Eventually.HoldsAsync($"{code} is found", async () => (await FindingsAsync("patient")).Any(f => f.GetProperty("Code").GetString() == code));
            var finding = await FindingAsync("patient", code);
            Assert.Contains(sentence, finding.GetProperty("Sentence").GetString()!, StringComparison.Ordinal);
            Assert.Contains(fix, finding.GetProperty("Fix").GetString()!, StringComparison.Ordinal);
        }
        finally
        {
            (await Engine.GantryAsync("rm", "-f", "patient")).Succeeded();
        }
    }

    [Fact]
    public async Task ATakenPortNamesItsHolderAndAnotherPort()
    {
        var port = RegistryFixture.FreePort();
        (await Engine.GantryAsync("run", "-d", "--name", "holder", "-p", $"{port}:80", "broken", "sleep", "1000")).Succeeded();
        var run = await Engine.GantryAsync("run", "--name", "patient", "-p", $"{port}:80", "broken", "sh");
        var finding = await FindingAsync("patient", "port-taken");
        Assert.Contains("holder", finding.GetProperty("Sentence").GetString()!, StringComparison.Ordinal);
        Assert.Contains($"-p {port + 1}:80", finding.GetProperty("Fix").GetString()!, StringComparison.Ordinal);
        Assert.Contains($"-p {port + 1}:80", run.Error, StringComparison.Ordinal);
        (await Engine.GantryAsync("rm", "-f", "holder", "patient")).Succeeded();
    }

    [Fact]
    public async Task APeerThatDoesNotRunIsNamed()
    {
        (await Engine.GantryAsync("create", "--name", "peer", "broken", "sh")).Succeeded();
        await Engine.GantryAsync("run", "--name", "patient", "--network", "container:peer", "broken", "sh");
        var finding = await FindingAsync("patient", "peer-not-running");
        Assert.Contains("gantry start", finding.GetProperty("Fix").GetString()!, StringComparison.Ordinal);
        (await Engine.GantryAsync("rm", "-f", "peer", "patient")).Succeeded();
    }

    [Fact]
    public async Task OneThatRemovedItselfIsExplainedAllTheSame()
    {
        var ended = await Engine.GantryAsync("run", "--rm", "-m", "16m", "broken", "tail", "/dev/zero");
        Assert.Equal(137, ended.ExitCode);
        Assert.Contains("gantry: The kernel killed tail", ended.Error, StringComparison.Ordinal);
        Assert.Contains("→ Give it more: gantry update --memory 32m", ended.Error, StringComparison.Ordinal);
        var mistyped = (await Engine.GantryAsync("run", "--rm", "broken", "slepp")).Exited(127);
        Assert.Contains("→ Did you mean sleep?", mistyped.Error, StringComparison.Ordinal);
        Assert.Equal("", (await Engine.GantryAsync("ps", "-aq")).Succeeded().Text);
    }

    [Fact]
    public async Task ItIsSilentWhereTheProgramHasItsOwnReasons()
    {
        var own = (await Engine.GantryAsync("run", "--rm", "broken", "sh", "-c", "echo out; echo err >&2; exit 3")).Exited(3);
        Assert.Equal("err\n", own.Error);
        var quiet = (await Engine.GantryAsync("run", "--rm", "-q", "broken", "sh", "-c", "migrate")).Exited(127);
        Assert.DoesNotContain("→", quiet.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTextHasSummaryFindingsAndLastLines()
    {
        await Engine.GantryAsync("run", "--name", "patient", "broken", "sh", "-c", "echo begin; migrate --all");
        var text = (await Engine.GantryAsync("explain", "patient")).Succeeded().Text;
        Assert.Matches("^patient \\(broken\\) ended with exit code 127 after [0-9.]+ seconds, .+ ago\\.\n", text);
        Assert.Contains("\n  A script called a command that is not in the image: migrate.\n    | sh: migrate: not found\n  → Install migrate in the image, or correct its name.\n", text, StringComparison.Ordinal);
        Assert.EndsWith("The last lines of its log:\n  | begin\n  | sh: migrate: not found", text.TrimEnd(), StringComparison.Ordinal);
        (await Engine.GantryAsync("pause", "patient")).Exited(1);
        (await Engine.GantryAsync("rm", "patient")).Succeeded();
        var missing = (await Engine.GantryAsync("explain", "patient")).Exited(1);
        Assert.Contains("No such container: patient", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PausedAndWellAreTold()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "patient", "broken", "sleep", "1000")).Succeeded();
        Assert.Contains("Nothing is seen to be wrong with it.", (await Engine.GantryAsync("explain", "patient")).Succeeded().Text, StringComparison.Ordinal);
        (await Engine.GantryAsync("pause", "patient")).Succeeded();
        Assert.Contains("→ gantry unpause patient", (await Engine.GantryAsync("explain", "patient")).Succeeded().Text, StringComparison.Ordinal);
        (await Engine.GantryAsync("rm", "-f", "patient")).Succeeded();
    }

    private async Task<JsonElement> FindingAsync(string container, string code)
    {
        var findings = await FindingsAsync(container);
        Assert.True(findings.Any(f => f.GetProperty("Code").GetString() == code), $"not {code}: {string.Join('\n', findings)}");
        return findings.First(f => f.GetProperty("Code").GetString() == code);
    }

    private async Task<List<JsonElement>> FindingsAsync(string container)
    {
        var text = (await Engine.GantryAsync("explain", "--format", "json", container)).Succeeded().Text;
        using var json = JsonDocument.Parse(text);
        return [.. json.RootElement.GetProperty("Findings").EnumerateArray().Select(f => f.Clone())];
    }

    /// <summary>An engine with the broken images in it.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public EngineFixture Engine { get; private set; } = null!;

        public string Folder { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Folder = Directory.CreateTempSubdirectory("gantry-explain-").FullName;
            File.SetUnixFileMode(Folder, (UnixFileMode)0x1ED);
            Engine = await EngineFixture.StartAsync();
            var (broken, unlinked) = (Path.Combine(Folder, "broken.tar"), Path.Combine(Folder, "unlinked.tar"));
            await BrokenRootfs.WriteAsync(broken);
            await BrokenRootfs.WriteWithoutLibraryAsync(unlinked);
            (await Engine.GantryAsync("import", broken, "broken")).Succeeded();
            (await Engine.GantryAsync("import", unlinked, "unlinked")).Succeeded();
        }

        public async ValueTask DisposeAsync()
        {
            await Engine.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
