using Gantry.Build;
using Gantry.Engine.Containers;
using Gantry.Kernel.Sys;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.System.Engine.Builds;

/// <summary>What steps run in: user namespaces, networks and devices.</summary>
public sealed class StepIsolationTests : IAsyncLifetime
{
    private readonly string _files = Directory.CreateTempSubdirectory("gantry-files-").FullName;
    private BuildHost _host = null!;

    private CancellationToken Token => _host.Host.Token;

    public async ValueTask InitializeAsync() => _host = await BuildHost.StartAsync(options => options with { CdiSpecDirectories = [_files] });

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_files, recursive: true);
    }

    [Fact]
    public async Task MappedUsersMakeTheSameLayers()
    {
        const string Dockerfile = """
            FROM busybox:test
            COPY --chown=web:log a /a
            RUN id -u > /who && touch /made && chown 7:8 /made && stat -c '%u %g' /a /etc/passwd > /owners
            """;
        _host.Write("a", "A");
        _host.Session.Secrets["token"] = "s3cret"u8.ToArray();
        var first = await _host.BuildAsync(Dockerfile);
        await RemapAsync(300000);
        Assert.Equal(first.Image, (await _host.BuildAsync(Dockerfile)).Image);
        Assert.Equal(2, _host.Log.Cached.Count);

        await _host.BuildAsync(Dockerfile + "\n" + """
            RUN --mount=type=secret,id=token,uid=1000 --mount=type=cache,target=/c --mount=type=bind,target=/in --mount=type=bind,target=/rw,rw --mount=type=bind,from=busybox:test,target=/image \
                cat /proc/self/uid_map && stat -c %u /run/secrets/token /in/a /c /image/bin/busybox /rw /etc/hosts && cat /run/secrets/token /in/a \
                && touch /c/x /rw/x && echo >> /etc/hosts && stat -c %u /c/x /rw/x && test -d /sys/class/net/eth0
            USER web
            RUN --network=none id -u && test ! -d /sys/class/net/eth0
            """, spec => spec with { NoCache = true });
        var words = _host.Log.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("0 300000 65536 1000 0 0 0 0 0 s3cretA0 0 1000", string.Join(' ', words));
        Assert.Equal("0\n1000 4\n0 0\n7 8\n", await _host.ShellAsync("cat /who /owners; stat -c '%u %g' /made"));
        var made = Directory.EnumerateFiles(Path.Combine(_host.Host.DataRoot, "layers"), "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is "made" or "who" or "x");
        Assert.Equal(["made 7", "made 7", "who 0", "who 0"], made.Select(path => $"{Path.GetFileName(path)} {Files.Status(null, path).Uid}").Order());
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nRUN --network=host true\n", spec => spec with { Entitlements = ["network.host"] }));
        Assert.EndsWith("cannot share the host's network namespace when user namespaces are enabled", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StepsMayShareAContainersNetwork()
    {
        var donor = await _host.Host.CreateAsync("echo up; sleep 1000");
        await _host.Host.StartAndWaitForAsync(donor, "up");
        var pid = (await _host.Host.Engine.Containers.InspectAsync(donor, false, Token)).State!.Pid;
        await _host.BuildAsync("FROM busybox:test\nRUN ls -l /proc/self/ns/net\n", spec => spec with { NetworkMode = $"container:{donor}" });
        Assert.EndsWith(File.ResolveLinkTarget($"/proc/{pid}/ns/net", returnFinalTarget: false)!.Name + "\n", _host.Log.Output, StringComparison.Ordinal);
        await _host.Host.Engine.Containers.RemoveAsync(donor, new RemoveRequest(Force: true, Volumes: true), Token);
        foreach (var (mode, message) in new[] { ($"container:{donor}", $"No such container: {donor}"), ("backend", "network backend not found") })
        {
            var refused = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\n", spec => spec with { NetworkMode = mode }));
            Assert.Equal((ErrorKind.NotFound, message), (refused.Kind, refused.Message));
        }
    }

    [Fact]
    public async Task DevicesComeByTheirNames()
    {
        await File.WriteAllTextAsync(Path.Combine(_files, "test.json"), """
            {"cdiVersion":"0.6.0","kind":"gantry.test/zero","devices":[{"name":"one","containerEdits":{"env":["ZERO=yes"],"deviceNodes":[{"path":"/dev/one","hostPath":"/dev/zero"}]}}]}
            """, Token);
        const string Dockerfile = "FROM busybox:test\nRUN --device=gantry.test/zero=one,required --device=gantry.test/none=two echo $ZERO && cat /dev/one | busybox head -c 3 | wc -c\n";
        await _host.BuildAsync(Dockerfile, spec => spec with { Entitlements = ["device=gantry.test/zero=one", "device=gantry.test/none=two"] });
        Assert.Equal("yes\n3\n", _host.Log.Output);
        var refused = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync(Dockerfile));
        Assert.Equal(ErrorKind.Forbidden, refused.Kind);
        refused = await Assert.ThrowsAsync<GantryException>(() => _host.BuildAsync("FROM busybox:test\nRUN --device=gantry.test/none=two,required true\n", spec => spec with { Entitlements = ["device"] }));
        Assert.Equal(ErrorKind.NotFound, refused.Kind);
        Assert.Contains("device gantry.test/none=two cannot be had: ", refused.Message, StringComparison.Ordinal);
    }

    // Account files of the test's own say which ids the containers' users get.
    private async Task RemapAsync(int first)
    {
        foreach (var file in (string[])["subuid", "subgid"])
            await File.WriteAllTextAsync(Path.Combine(_files, file), $"dockremap:{first}:65536\n", Token);
        await _host.Host.CloseAsync();
        File.SetUnixFileMode(_host.Host.Root, (UnixFileMode)0x1C9);
        await _host.Host.OpenAsync(options => options with { UsernsRemap = "default", AccountFiles = _files });
    }
}
