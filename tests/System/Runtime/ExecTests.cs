using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Gantry.Runtime;
using Xunit;

namespace Gantry.Tests.System.Runtime;

public sealed class ExecTests : IDisposable
{
    private readonly Bundle _bundle = new();
    private readonly RuntimeConfig _config = Bundle.Shell("echo up; sleep 60");
    private readonly LaunchedProcess _init;

    public ExecTests()
    {
        using var input = Files.Open("/dev/null", OpenFlags.O_RDWR);
        _init = ContainerLauncher.Create(_bundle.Request(_config, new StdioFds(input, input, input)));
        _init.Start();
    }

    public void Dispose()
    {
        Processes.TrySignal(_init.PidFd, Processes.SIGKILL);
        Processes.Wait(_init.PidFd);
        _init.Dispose();
        _bundle.Dispose();
    }

    [Fact]
    public void JoinsAllNamespaces()
    {
        var (output, status) = Exec("hostname; readlink /proc/self/ns/net; cat /proc/1/comm; exit 4");
        Assert.Equal($"box\n{File.ResolveLinkTarget($"/proc/{_init.Pid}/ns/net", false)!.Name}\nsleep\n", output);
        Assert.Equal(4, status);
    }

    [Fact]
    public void RunsAsAnotherUserInAnotherDirectory()
    {
        var (output, _) = Exec("id; pwd; echo $HOME $WORD", p => p with { User = new RuntimeUser { Uid = 1000, Gid = 5 }, Cwd = "/tmp", Env = [.. p.Env, "WORD=x"] });
        Assert.Equal("uid=1000(alice) gid=5\n/tmp\n/home/alice x\n", output);
    }

    [Fact]
    public void LeaksNoDescriptor() => Assert.Equal("0\n1\n2\n3\n", Exec("ls /proc/self/fd").Output);

    [Fact]
    public void AMissingProgramIsSaid()
    {
        var error = Assert.Throws<GantryException>(() => Exec("", p => p with { Args = ["nosuch"] }));
        Assert.Equal("exec: \"nosuch\": executable file not found in $PATH", error.Message);
    }

    [Fact]
    public void HasATerminal()
    {
        var process = _config.Process! with { Args = ["/bin/tty"], Terminal = true };
        using var running = ExecLauncher.Exec(new ExecRequest { Config = _config, Process = process, InitPid = _init.Pid, InitPidFd = _init.PidFd });
        using var terminal = running.Terminal!;
        var buffer = new byte[100];
        var length = Files.TryRead(terminal, buffer);
        Processes.Wait(running.PidFd);
        Assert.Equal("/dev/pts/0\r\n", global::System.Text.Encoding.UTF8.GetString(buffer, 0, length));
    }

    [Fact]
    public void AHalfBuiltChildCannotBeOpenedFromInside()
    {
        // Rule 10 of launching: this process, and with it every fork of it before its execve, is not dumpable.
        Assert.False(Processes.IsDumpable);
    }

    private (string Output, int Status) Exec(string script, Func<RuntimeProcess, RuntimeProcess>? change = null)
    {
        var process = _config.Process! with { Args = ["/bin/sh", "-c", script] };
        var (read, write) = Files.Pipe();
        using var input = Files.Open("/dev/null", OpenFlags.O_RDONLY);
        using (read)
        {
            LaunchedProcess running;
            using (write) running = ExecLauncher.Exec(new ExecRequest { Config = _config, Process = change?.Invoke(process) ?? process, InitPid = _init.Pid, InitPidFd = _init.PidFd, Stdio = new StdioFds(input, write, write) });
            using (running) return (global::System.Text.Encoding.UTF8.GetString(Files.ReadToEnd(read)), Processes.Wait(running.PidFd).Status);
        }
    }
}
