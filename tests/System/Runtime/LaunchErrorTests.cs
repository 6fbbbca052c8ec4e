using Gantry.Kernel.Sys;
using Gantry.Model;
using Gantry.Model.Oci;
using Xunit;

namespace Gantry.Tests.System.Runtime;

/// <summary>What people read when a program cannot be started. The first words are those that Docker's clients parse.</summary>
[Collection(Alone.Name)]
public sealed class LaunchErrorTests : IDisposable
{
    private readonly Bundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Theory]
    [InlineData("nosuch", 2, "exec: \"nosuch\": executable file not found in $PATH")]
    [InlineData("/nosuch", 2, "exec: \"/nosuch\": stat /nosuch: no such file or directory")]
    [InlineData("/etc", 13, "exec: \"/etc\": is a directory: permission denied")]
    [InlineData("/etc/passwd", 13, "exec: \"/etc/passwd\": permission denied: /etc/passwd is not marked executable")]
    [InlineData("/bin/no-interpreter", 2, "exec: \"/bin/no-interpreter\": no such file or directory: the interpreter \"/usr/bin/python9\"")]
    [InlineData("no-interpreter", 2, "exec: \"no-interpreter\": no such file or directory: the interpreter \"/usr/bin/python9\"")]
    [InlineData("/bin/windows", 2, "exec: \"/bin/windows\": no such file or directory: the #! line of /bin/windows ends in a carriage return")]
    [InlineData("/bin/foreign", 8, "exec: \"/bin/foreign\": exec format error: /bin/foreign is for s390x, and this machine is")]
    [InlineData("/bin/no-loader", 2, "exec: \"/bin/no-loader\": no such file or directory: /bin/no-loader needs the loader \"/lib64/ld-linux-x86-64.so.2\"")]
    [InlineData("/bin/plain", 8, "exec: \"/bin/plain\": exec format error: /bin/plain is neither a program nor a script")]
    public void AProgramThatCannotRun(string program, int errno, string expected)
    {
        Script("no-interpreter", "#!/usr/bin/python9\n");
        Script("windows", "#!/bin/sh\r\necho\r\n");
        Script("plain", "echo hello\n");
        var elf = new byte[64];
        "\u007fELF"u8.CopyTo(elf);
        elf[4] = 2;
        elf[5] = 2;
        elf[18] = 22;
        File.WriteAllBytes(_bundle.Rootfs + "/bin/foreign", elf);
        File.SetUnixFileMode(_bundle.Rootfs + "/bin/foreign", (UnixFileMode)0x1ED);
        File.Copy("/bin/true", _bundle.Rootfs + "/bin/no-loader");
        var config = Bundle.Shell("");
        var error = Assert.Throws<GantryException>(() => _bundle.Run(config with { Process = config.Process! with { Args = [program] } }));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(new LaunchFailure(LaunchStage.Exec, errno), error.Launch);
    }

    [Fact]
    public void AMissingBindSourceIsNamed()
    {
        var error = Fails(c => c with { Mounts = [.. c.Mounts, new RuntimeMount { Destination = "/data", Type = "bind", Source = "/nonexistent/source", Options = ["bind"] }] });
        Assert.StartsWith("mount /nonexistent/source at /data: no such file or directory: the bind source does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownFileSystemIsNamed()
    {
        var error = Fails(c => c with { Mounts = [.. c.Mounts, new RuntimeMount { Destination = "/data", Type = "nosuchfs", Source = "x" }] });
        Assert.StartsWith("mount x at /data: no such device: the kernel does not know this file system", error.Message, StringComparison.Ordinal);
        Assert.Equal(LaunchStage.Rootfs, error.Launch!.Stage);
    }

    [Fact]
    public void AMountInsideProcIsRefused() =>
        Assert.Equal("\"/proc/self\" cannot be mounted because it is inside /proc", Fails(c => c with { Mounts = [.. c.Mounts, new RuntimeMount { Destination = "/proc/self", Type = "tmpfs", Source = "x" }] }).Message);

    [Fact]
    public void AFailedLaunchLeavesNoProcessAndNoDescriptor()
    {
        _ = Fails(c => c with { Hostname = new string('x', 100) });
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 20; i++) _ = Fails(c => c with { Hostname = new string('x', 100) });
        // Handles without an owner left are closed by the collector at the latest; these must not need it.
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 3);
        Assert.DoesNotContain(Directory.GetDirectories("/proc/self/task").SelectMany(t => File.ReadAllText(t + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)), p => File.ReadAllText($"/proc/{p}/stat").Contains(") Z ", StringComparison.Ordinal));
    }

    private GantryException Fails(Func<RuntimeConfig, RuntimeConfig> change) => Assert.Throws<GantryException>(() => _bundle.Sh("true", change));

    private void Script(string name, string text)
    {
        File.WriteAllText(_bundle.Rootfs + "/bin/" + name, text);
        File.SetUnixFileMode(_bundle.Rootfs + "/bin/" + name, (UnixFileMode)0x1ED);
    }
}
