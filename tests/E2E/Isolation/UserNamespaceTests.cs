using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Isolation;

/// <summary>--userns-remap: what root is in a container is nobody on the host, and everything else is as it was.</summary>
public sealed class UserNamespaceTests(RemappedFixture remapped) : IClassFixture<RemappedFixture>
{
    private const int First = RemappedFixture.First;

    private EngineFixture Engine => remapped.Engine;

    [Fact]
    public async Task RootInTheContainerIsNotRootOnTheHost()
    {
        (await Engine.DockerAsync("run", "-d", "--name", "who", "busybox", "sleep", "1000")).Succeeded();
        var pid = await InspectAsync("who", "{{.State.Pid}}");
        Assert.Contains($"Uid:\t{First}\t{First}\t{First}\t{First}\n", await File.ReadAllTextAsync($"/proc/{pid}/status", Token), StringComparison.Ordinal);
        Assert.Equal(["0", $"{First}", $"{RemappedFixture.Count}"], (await File.ReadAllTextAsync($"/proc/{pid}/uid_map", Token)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("uid=0(root) gid=0(root) groups=0(root)", (await Engine.DockerAsync("exec", "who", "id")).Succeeded().Text);
        Assert.Equal("1000", (await Engine.DockerAsync("exec", "-u", "1000", "who", "id", "-u")).Succeeded().Text);

        // The image's files are root's, and so is what the engine puts over them.
        Assert.Equal("0\n0\n0\n0\n0", (await Engine.DockerAsync("exec", "who", "stat", "-c", "%u", "/bin/busybox", "/", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname")).Succeeded().Text);
        (await Engine.DockerAsync("exec", "who", "sh", "-c", "echo 10.0.0.9 other >> /etc/hosts; touch /made; chown 1000:1000 /made")).Succeeded();
        Assert.Contains("name=userns", (await Engine.DockerAsync("info", "--format", "{{.SecurityOptions}}")).Succeeded().Text, StringComparison.Ordinal);

        // The kernel lets it do nothing to the host.
        Assert.NotEqual(0, (await Engine.DockerAsync("exec", "who", "sh", "-c", "echo 1 > /proc/sys/kernel/panic")).ExitCode);
        Assert.NotEqual(0, (await Engine.DockerAsync("exec", "who", "mknod", "/null", "c", "1", "3")).ExitCode);
        Assert.Equal("ok", (await Engine.DockerAsync("exec", "who", "sh", "-c", "echo x > /dev/null; echo x > /dev/stderr; echo ok > /dev/stdout")).Succeeded().Text);

        var top = (await Engine.DockerAsync("top", "who", "-eo", "pid,uid,args")).Succeeded().Text;
        Assert.Contains(pid, top, StringComparison.Ordinal);
        Assert.Contains($"{First}", top, StringComparison.Ordinal);
        Assert.Contains("who", (await Engine.DockerAsync("stats", "--no-stream", "who")).Succeeded().Text, StringComparison.Ordinal);
        (await Engine.DockerAsync("kill", "who")).Succeeded();
        Assert.Equal("137", await InspectAsync("who", "{{.State.ExitCode}}"));
        (await Engine.DockerAsync("rm", "who")).Succeeded();
    }

    [Fact]
    public async Task UsersLogInAndWriteToTheirStreams()
    {
        Assert.Equal("out\n", (await Engine.DockerAsync("run", "--rm", "-u", "1000:1000", "busybox", "sh", "-c", "echo out > /dev/stdout; echo err > /dev/stderr")).Succeeded().Output);
        var session = await Command.RunAsync("script", ["-qec", $"docker -H {Engine.Host} run --rm -it busybox sh", "/dev/null"], "tty; stat -c %u $(tty); exit 4\n");
        Assert.Equal(4, session.ExitCode);
        Assert.Contains("/dev/pts/0", session.Output, StringComparison.Ordinal);
        Assert.Equal("in\n", (await Engine.DockerWithInputAsync("in\n", "run", "--rm", "-i", "busybox", "cat")).Succeeded().Output);
    }

    [Fact]
    public async Task VolumesBelongToTheMappedRootAndBindsShowRealIds()
    {
        var host = Directory.CreateTempSubdirectory("gantry-userns-").FullName;
        try
        {
            File.SetUnixFileMode(host, (UnixFileMode)0x1ED);
            await File.WriteAllTextAsync($"{host}/root", "of the host's root");
            await File.WriteAllTextAsync($"{host}/mapped", "");
            (await Command.RunAsync("chown", [$"{First + 7}:{First + 8}", $"{host}/mapped"])).Succeeded();
            var seen = await Engine.DockerAsync(
                "run", "--rm", "--name", "vols", "-v", "mapped-volume:/v", "-v", $"{host}:/b", "-v", $"{host}/new/deep:/n", "busybox", "sh", "-c",
                "echo x > /v/f; mkdir /v/d; chown 5:6 /v/d; echo y > /n/g; stat -c '%u:%g' /v /v/f /b/root /b/mapped /n; echo z > /b/root");
            Assert.Equal("0:0\n0:0\n65534:65534\n7:8\n0:0\n", seen.Exited(1).Output);
            Assert.Contains("ermission denied", seen.Error, StringComparison.Ordinal);

            var volume = await VolumePathAsync("mapped-volume");
            Assert.Equal($"{First}:{First}\n{First}:{First}\n{First + 5}:{First + 6}\n{First}:{First}", await OwnersAsync(volume, $"{volume}/f", $"{volume}/d", $"{host}/new/deep/g"));

            // What the image has there goes into a new volume, and keeps its meaning.
            Assert.Equal("0:0 0:0", (await Engine.DockerAsync("run", "--rm", "-v", "filled:/etc", "busybox", "sh", "-c", "echo $(stat -c %u:%g /etc /etc/passwd)")).Succeeded().Text);
            Assert.Equal($"{First}:{First}", await OwnersAsync($"{await VolumePathAsync("filled")}/passwd"));

            // A stopped container shows the same to cp as a running one.
            (await Engine.DockerAsync("create", "--name", "still", "-v", "mapped-volume:/v", "busybox")).Succeeded();
            Assert.Equal("5/6", await OwnerInArchiveAsync("still", "/v/d"));
            await File.WriteAllTextAsync($"{host}/give", "given");
            (await Engine.DockerAsync("cp", $"{host}/give", "still:/v/given")).Succeeded();
            Assert.Equal($"{First}:{First}", await OwnersAsync($"{volume}/given"));
            (await Engine.DockerAsync("rm", "still")).Succeeded();
        }
        finally
        {
            Directory.Delete(host, recursive: true);
        }
    }

    [Fact]
    public async Task FilesKeepTheirIdsThroughCopyCommitAndExport()
    {
        var here = Directory.CreateTempSubdirectory("gantry-userns-").FullName;
        try
        {
            (await Engine.DockerAsync("run", "-d", "--name", "files", "-v", "files:/v", "busybox", "sh", "-c", "mkdir /d; echo one > /d/f; chown -R 1000:1001 /d; echo two > /v/g; chown 33:33 /v/g; touch /ready; exec sleep 1000")).Succeeded();
            await Eventually.HoldsAsync("the files are there", async () => (await Engine.DockerAsync("exec", "files", "test", "-e", "/ready")).ExitCode == 0);
            foreach (var running in (bool[])[true, false])
            {
                Assert.Equal("1000/1001", await OwnerInArchiveAsync("files", "/d/f"));
                Assert.Equal("33/33", await OwnerInArchiveAsync("files", "/v/g"));
                await File.WriteAllTextAsync($"{here}/in", "in");
                (await Command.RunAsync("chown", ["1234:4321", $"{here}/in"])).Succeeded();
                (await Engine.DockerAsync("cp", "-a", $"{here}/in", "files:/d/archive")).Succeeded();
                (await Engine.DockerAsync("cp", $"{here}/in", "files:/plain")).Succeeded();
                (await Engine.DockerAsync("cp", $"{here}/in", "files:/etc/hosts")).Succeeded();
                Assert.Equal("1234/4321", await OwnerInArchiveAsync("files", "/d/archive"));
                if (running)
                    Assert.Equal("1234:4321\nin", (await Engine.DockerAsync("exec", "files", "sh", "-c", "stat -c %u:%g /d/archive; cat /etc/hosts")).Succeeded().Text);
                var exported = await Command.RunAsync("sh", ["-c", $"docker -H {Engine.Host} export files | tar -tv --numeric-owner d/f bin/busybox"]);
                Assert.Equal(["0/0", "1000/1001"], exported.Succeeded().Text.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]).Order());
                Assert.Contains("A /d/f", (await Engine.DockerAsync("diff", "files")).Succeeded().Text, StringComparison.Ordinal);
                Assert.DoesNotContain("/bin", (await Engine.DockerAsync("diff", "files")).Text, StringComparison.Ordinal);
                (await Engine.DockerAsync("commit", "files", "committed")).Succeeded();
                Assert.Equal("1000:1001 0:0", (await Engine.DockerAsync("run", "--rm", "--userns", "host", "committed", "sh", "-c", "echo $(stat -c %u:%g /d/f /bin/busybox)")).Succeeded().Text);
                if (running)
                    (await Engine.DockerAsync("stop", "-t", "0", "files")).Succeeded();
            }

            (await Engine.DockerAsync("rm", "-f", "files")).Succeeded();
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }
    }

    [Fact]
    public async Task TheNetworkIsTheContainersOwn()
    {
        // Raw sockets and addresses need rights over the namespace, which only its owner's root has.
        (await Engine.DockerAsync("run", "--rm", "busybox", "sh", "-c", "ping -c 1 -W 5 $(ip route | awk '/default/ {print $3}')")).Succeeded();
        // Any user of the container may open a ping socket, and any port.
        Assert.Equal("0 65535 0", (await Engine.DockerAsync("run", "--rm", "busybox", "sh", "-c", "echo $(cat /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/ip_unprivileged_port_start)")).Succeeded().Text);
        (await Engine.DockerAsync("run", "--rm", "--cap-add", "NET_ADMIN", "busybox", "ip", "addr", "add", "10.9.9.9/32", "dev", "lo")).Succeeded();
        Assert.Equal("1\n", (await Engine.DockerAsync("run", "--rm", "--sysctl", "net.ipv4.conf.eth0.arp_ignore=1", "busybox", "cat", "/proc/sys/net/ipv4/conf/eth0/arp_ignore")).Succeeded().Output);
        Assert.Equal("1\nlo\n", (await Engine.DockerAsync("run", "--rm", "--network", "none", "busybox", "sh", "-c", "ls /sys/class/net | wc -l; ls /sys/class/net")).Succeeded().Output);

        (await Engine.DockerAsync("run", "-d", "--name", "web", "-p", "127.0.0.1::80", "nginx")).Succeeded();
        var address = (await Engine.DockerAsync("port", "web", "80")).Succeeded().Text;
        await Eventually.HoldsAsync("nginx answers", async () => (await Command.RunAsync("curl", ["-sf", $"http://{address}/"])).ExitCode == 0);
        Assert.Matches("^10\\.[0-9.]+$", await InspectAsync("web", "{{.NetworkSettings.IPAddress}}"));
        (await Engine.DockerAsync("rm", "-f", "web")).Succeeded();
    }

    [Theory]
    [InlineData("--privileged", "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode")]
    [InlineData("--network=host", "cannot share the host's network namespace when user namespaces are enabled")]
    [InlineData("--pid=host", "cannot share the host PID namespace when user namespaces are enabled")]
    public async Task WhatNeedsTheHostsNamespaceIsRefusedWithoutIt(string option, string sentence)
    {
        Assert.Contains(sentence, (await Engine.DockerAsync("run", "--rm", option, "busybox", "true")).Exited(125).Error, StringComparison.Ordinal);
        Assert.Equal("0 0 4294967295", (await Engine.DockerAsync("run", "--rm", option, "--userns=host", "busybox", "sh", "-c", "echo $(cat /proc/self/uid_map)")).Succeeded().Text);
    }

    [Fact]
    public async Task ContainersOutliveTheEngine()
    {
        (await Engine.DockerAsync("run", "-d", "--name", "lasting", "-p", "127.0.0.1::80", "--health-cmd", "test -w /", "--health-interval", "100ms", "nginx")).Succeeded();
        await Eventually.HoldsAsync("it is healthy", async () => await InspectAsync("lasting", "{{.State.Health.Status}}") == "healthy");
        await Engine.KillEngineAsync();
        await Engine.StartEngineAsync();
        Assert.Equal("running", await InspectAsync("lasting", "{{.State.Status}}"));
        Assert.Equal("0", (await Engine.DockerAsync("exec", "lasting", "id", "-u")).Succeeded().Text);
        Assert.Equal("0/0", await OwnerInArchiveAsync("lasting", "/etc/passwd"));
        var address = (await Engine.DockerAsync("port", "lasting", "80")).Succeeded().Text;
        await Eventually.HoldsAsync("nginx answers", async () => (await Command.RunAsync("curl", ["-sf", $"http://{address}/"])).ExitCode == 0);
        (await Engine.DockerAsync("restart", "-t", "5", "lasting")).Succeeded();
        Assert.Equal("0", (await Engine.DockerAsync("exec", "lasting", "id", "-u")).Succeeded().Text);
        (await Engine.DockerAsync("rm", "-f", "lasting")).Succeeded();
    }

    [Fact]
    public async Task ImagesAreMountedWithTheirIds()
    {
        (await Engine.DockerAsync("run", "--name", "changed", "busybox", "sh", "-c", "echo new > /new; chown 1000:1000 /new")).Succeeded();
        (await Engine.DockerAsync("commit", "changed", "layered")).Succeeded();
        Assert.Equal("1000 0", (await Engine.DockerAsync("run", "--rm", "--mount", "type=image,source=layered,target=/img", "busybox", "sh", "-c", "echo $(stat -c %u /img/new /img/bin/busybox)")).Succeeded().Text);
        Assert.Equal("0", (await Engine.DockerAsync("run", "--rm", "--mount", "type=image,source=debian:bookworm-slim,target=/img", "busybox", "stat", "-c", "%u", "/img/etc/passwd")).Succeeded().Text);
        (await Engine.DockerAsync("rm", "changed")).Succeeded();
    }

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public async Task AnotherRuntimeMapsThemToo(string runtime)
    {
        if (!File.Exists($"/usr/sbin/{runtime}") && !File.Exists($"/usr/bin/{runtime}"))
            Assert.Skip($"{runtime} is not installed");
        var mounts = await File.ReadAllTextAsync("/proc/mounts", Token);
        if (runtime == "crun" && mounts.Contains(" cgroup ", StringComparison.Ordinal) && mounts.Contains(" cgroup2 ", StringComparison.Ordinal))
            Assert.Skip("crun refuses hosts where both generations of control groups are mounted");
        var run = await Engine.DockerAsync("run", "--rm", "--runtime", runtime, "-v", "by-another:/v", "busybox", "sh", "-c", "touch /made /v/made; stat -c %u /made /v/made /bin/busybox /etc/hosts; ping -c 1 -W 5 $(ip route | awk '/default/ {print $3}') >&2; cat /proc/self/uid_map");
        Assert.Equal(["0", "0", "0", "0", "0", $"{First}", $"{RemappedFixture.Count}"], run.Succeeded().Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal($"{First}:{First}", await OwnersAsync($"{await VolumePathAsync("by-another")}/made"));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<string> OwnersAsync(params string[] paths) => (await Command.RunAsync("stat", ["-c", "%u:%g", .. paths])).Succeeded().Text;

    private async Task<string> VolumePathAsync(string name) => (await Engine.DockerAsync("volume", "inspect", "--format", "{{.Mountpoint}}", name)).Succeeded().Text;

    private async Task<string> InspectAsync(string container, string format) => (await Engine.DockerAsync("inspect", "--format", format, container)).Succeeded().Text;

    private async Task<string> OwnerInArchiveAsync(string container, string path)
    {
        var listed = await Command.RunAsync("sh", ["-c", $"docker -H {Engine.Host} cp {container}:{path} - | tar -tv --numeric-owner"]);
        return listed.Succeeded().Text.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
    }
}
