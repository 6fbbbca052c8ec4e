using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Attacks;

/// <summary>Names in an image or a volume that lead out of the container's root: what the engine does there stays inside.</summary>
public sealed class HostilePathTests(AttackFixture fixture) : IClassFixture<AttackFixture>, IAsyncLifetime
{
    private const string Up = "../../../../../../../../../..";
    private readonly string _host = Directory.CreateTempSubdirectory("gantry-host-").FullName;

    private EngineFixture Engine => fixture.Engine;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_host, "passwd"), "ghost:x:4242:4242::/:/bin/sh\n");
        await File.WriteAllTextAsync(Path.Combine(_host, "group"), "ghosts:x:4343:\n");
        await File.WriteAllTextAsync(Path.Combine(_host, "hosts"), "the host's\n");
    }

    public ValueTask DisposeAsync()
    {
        Assert.Equal("the host's\n", File.ReadAllText(Path.Combine(_host, "hosts")));
        Assert.Equal(3, Directory.GetFileSystemEntries(_host).Length);
        Directory.Delete(_host, recursive: true);
        return ValueTask.CompletedTask;
    }

    // The host's folder under its own path, inside: where a link resolved in the root leads to.
    [Fact]
    public async Task UsersAreLookedUpInTheImage()
    {
        await fixture.ImportVariantAsync("ghosts", $"rm -r $R/etc; ln -s {Up}{_host} $R/etc");
        var result = await Engine.GantryAsync("run", "--rm", "-u", "ghost", "ghosts", "/bin/id");

        Assert.Equal(125, result.ExitCode);
        Assert.Contains("ghost", result.Error, StringComparison.Ordinal);
        Assert.Contains("uid=0", (await Engine.GantryAsync("run", "--rm", "ghosts", "/bin/id")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etc/hosts")]
    [InlineData("etc/resolv.conf")]
    [InlineData("etc/hostname")]
    public async Task FilesThatTheEngineMountsStayInside(string file)
    {
        var name = "link-" + file.Replace('/', '-').Replace('.', '-');
        await fixture.ImportVariantAsync(name, $"ln -s {Up}{_host}/hosts $R/{file}");
        var result = await Engine.GantryAsync("run", "--rm", name, "/bin/cat", $"/{file}");

        Assert.DoesNotContain("the host's", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proc")]
    [InlineData("sys")]
    [InlineData("dev")]
    public async Task KernelsFileSystemsAreNotMountedElsewhere(string folder)
    {
        await fixture.ImportVariantAsync($"link-{folder}", $"ln -s {Up}{_host} $R/{folder}");
        var mounts = await Engine.GantryAsync("run", "--rm", $"link-{folder}", "/bin/cat", "/proc/self/mounts");

        // Refused, or resolved inside: never on the host's folder.
        Assert.DoesNotContain("the host's", mounts.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(_host, (await File.ReadAllTextAsync("/proc/self/mounts")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VolumesAreMountedInside()
    {
        await fixture.ImportVariantAsync("mount-out", $"ln -s {Up}{_host} $R/out");
        var inside = (await Engine.GantryAsync("run", "--rm", "-v", "out-volume:/out", "mount-out", "/bin/sh", "-c", $"echo mine > {_host}/written && cat /out/written")).Succeeded();

        Assert.Equal("mine", inside.Text);
        // Nor was the volume filled with what the link leads to on the host.
        Assert.Equal("written", (await fixture.RunAsync(["-v", "out-volume:/seen"], "/bin/ls", "/seen")).Succeeded().Text);
        (await Engine.DockerAsync("volume", "rm", "out-volume")).Succeeded();
    }

    // Everything that is made or mounted below a folder of the image which is a link: memory, files, the init, the terminal.
    [Fact]
    public async Task WhatIsMountedBelowLinksStaysInside()
    {
        await fixture.ImportVariantAsync("all-out", $"rm -r $R/etc; for d in etc dev sys sbin run; do ln -s {Up}{_host} $R/$d; done");
        foreach (var options in (string[][])[["--init"], ["-t"], ["--tmpfs", "/run/x"], ["--mount", "type=tmpfs,target=/sbin/y"], ["--ipc", "shareable"], ["--read-only"]])
            Assert.DoesNotContain("the host's", (await Engine.GantryAsync(["run", "--rm", .. options, "all-out", "/bin/sh", "-c", "/bin/cat /etc/hosts /dev/hosts; echo x >/etc/new"])).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(_host, await File.ReadAllTextAsync("/proc/self/mounts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkingDirectoriesAreMadeInside()
    {
        await fixture.ImportVariantAsync("work-out", $"ln -s {Up}{_host} $R/out");
        Assert.Equal($"{_host}/deep", (await Engine.GantryAsync("run", "--rm", "-w", "/out/deep", "work-out", "/bin/pwd", "-P")).Succeeded().Text);
    }

    // CVE-2021-30465: a folder that is a link every other moment, while something is mounted below it.
    [Fact]
    public async Task MountRacesEndInside()
    {
        (await Engine.GantryAsync("run", "-d", "--name", "swapper", "-v", "race:/race", "hostile", "/bin/sh", "-c",
            $"mkdir -p /race/a/deep; ln -s {Up}{_host} /race/b; exec /attack swap /race/a /race/b")).Succeeded();
        await Eventually.HoldsAsync("the swapping has begun", async () => (await Engine.GantryAsync("logs", "swapper")).Output.Contains("swapping", StringComparison.Ordinal));
        for (var i = 0; i < 25; i++)
        {
            var result = await Engine.GantryAsync("run", "--rm", "-v", "race:/race", "-v", "race-inner:/race/a/deep", "hostile", "/bin/grep", "-c", "race-inner", "/proc/self/mountinfo");
            // It ends well with the volume mounted inside, or with a sentence; hosts and passwd are looked at when the test ends.
            Assert.True(result.ExitCode is 0 or 1 || result.Error.Contains("/race/a/deep", StringComparison.Ordinal), result.Error);
        }
        Assert.Equal("true", (await Engine.GantryAsync("inspect", "-f", "{{.State.Running}}", "swapper")).Succeeded().Text);
        (await Engine.GantryAsync("rm", "-f", "swapper")).Succeeded();
        (await Engine.DockerAsync("volume", "rm", "race", "race-inner")).Succeeded();
    }

    // CVE-2025-31133: what masks the kernel's files is the kernel's null, whatever the container's own leads to.
    [Fact]
    public async Task MasksAreNotMadeOfTheContainersNull()
    {
        await fixture.ImportVariantAsync("null-out", "mkdir $R/devices; ln -s /proc/sys/kernel/core_pattern $R/devices/null");
        // The volume is filled from the image, and then stands where the runtime makes its devices.
        (await Engine.GantryAsync("run", "--rm", "-v", "devices:/devices", "null-out", "/bin/true")).Succeeded();
        var result = (await Engine.GantryAsync("run", "--rm", "-v", "devices:/dev", "null-out", "/bin/stat", "-c", "%n %F %t:%T", "/proc/keys", "/proc/sys/kernel/core_pattern")).Succeeded();

        Assert.Contains("/proc/keys character special file 1:3", result.Output, StringComparison.Ordinal);
        Assert.Contains("core_pattern regular", result.Output, StringComparison.Ordinal);
        (await Engine.DockerAsync("volume", "rm", "devices")).Succeeded();
    }

    // CVE-2025-52565: the terminal that is mounted at /dev/console, before anything is masked or read-only, is the process's
    // own and goes on no other file, whatever the names around it lead to.
    [Fact]
    public async Task TheConsoleIsMountedOnNoOtherFile()
    {
        await fixture.ImportVariantAsync("console-out", "mkdir $R/devices $R/terminals; ln -s /proc/sys/kernel/core_pattern $R/devices/console; ln -s /proc/sys/kernel/core_pattern $R/terminals/0; ln -s /proc/sys/kernel/core_pattern $R/terminals/ptmx");
        (await Engine.GantryAsync("run", "--rm", "-v", "devices-console:/devices", "-v", "terminals:/terminals", "console-out", "/bin/true")).Succeeded();
        string[] look = ["console-out", "/bin/stat", "-L", "-c", "%n %F", "/proc/sys/kernel/core_pattern"];
        var console = await Engine.DockerAsync(["run", "--rm", "-t", "-v", "devices-console:/dev", .. look]);
        var terminals = await Engine.DockerAsync(["run", "--rm", "-t", "-v", "terminals:/dev/pts", .. look]);

        Assert.DoesNotContain("character", console.Output, StringComparison.Ordinal);
        Assert.True(console.ExitCode != 0 || console.Output.Contains("regular", StringComparison.Ordinal), console.Output + console.Error);
        Assert.DoesNotContain("character", terminals.Output, StringComparison.Ordinal);
        Assert.True(terminals.ExitCode != 0 || terminals.Output.Contains("regular", StringComparison.Ordinal), terminals.Output + terminals.Error);
        (await Engine.DockerAsync("volume", "rm", "devices-console", "terminals")).Succeeded();
    }

    // CVE-2025-52881: what the runtime writes to /proc for a container, it writes to the kernel's, not to what stands in its place.
    [Fact]
    public async Task SettingsAreWrittenToTheKernelAlone()
    {
        await fixture.ImportVariantAsync("proc-out", "mkdir -p $R/fake/sys/net/ipv4 $R/fake/self/attr $R/caught; for f in sys/net/ipv4/ip_forward self/attr/exec self/oom_score_adj; do ln -s /caught/write $R/fake/$f; done; : >$R/caught/write");
        (await Engine.GantryAsync("run", "--rm", "-v", "fake:/fake", "-v", "caught:/caught", "proc-out", "/bin/true")).Succeeded();
        // Refused, or written to the right place.
        await Engine.GantryAsync("run", "--rm", "-v", "fake:/proc", "-v", "caught:/caught", "--sysctl", "net.ipv4.ip_forward=0", "--oom-score-adj", "100", "proc-out", "/bin/true");

        Assert.Equal("write 0", (await fixture.RunAsync(["-v", "caught:/caught"], "/bin/sh", "-c", "cd /caught; /bin/stat -c '%n %s' *")).Succeeded().Text);
        (await Engine.DockerAsync("volume", "rm", "fake", "caught")).Succeeded();
    }
}
