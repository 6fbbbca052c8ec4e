using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Builds;

/// <summary>What steps find around them: networks, proxies, devices, and users of their own.</summary>
public sealed class BuildSurroundingsTests : IAsyncLifetime
{
    private readonly Project _files = new();
    private RegistryFixture _registry = null!;

    public async ValueTask InitializeAsync() => _registry = await RegistryFixture.StartAsync("busybox");

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task StepsShareTheNetworkOfAContainer()
    {
        await using var engine = await EngineFixture.StartAsync("--registry-mirror", _registry.Url);
        (await engine.GantryAsync("run", "-d", "--name", "donor", "busybox", "nc", "-l", "-p", "4321", "-e", "echo", "from the donor")).Succeeded();
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN until nc 127.0.0.1 4321 > /heard; do sleep 0.1; done; cat /heard\nRUN --network=none test ! -d /sys/class/net/eth0\n"));
        Assert.Contains("from the donor\n", (await engine.GantryAsync("build", "--network", "container:donor", project.Folder)).Succeeded().Error, StringComparison.Ordinal);

        (await engine.GantryAsync("rm", "-f", "donor")).Succeeded();
        (await engine.GantryAsync("run", "-d", "--name", "donor", "busybox", "nc", "-l", "-p", "4321", "-e", "echo", "from the donor")).Succeeded();
        Assert.Contains("from the donor\n", (await Project.ClassicAsync(engine, "build", "--no-cache", "--network", "container:donor", project.Folder)).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("No such container: nobody", (await engine.GantryAsync("build", "--network", "container:nobody", project.Folder)).Exited(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProxiesOfTheConfigurationAreForStepsAlone()
    {
        await using var engine = await EngineFixture.StartAsync("--registry-mirror", _registry.Url);
        _files.Put("config/config.json", """{"proxies":{"default":{"httpProxy":"http://user:hush@proxy.test:1","noProxy":"a,b"}}}""");
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN echo \"$HTTP_PROXY $http_proxy $NO_PROXY $no_proxy\"; touch /done\n"));
        string[] build = ["--config", Path.Combine(_files.Folder, "config"), "build", "-t", "proxied", project.Folder];
        Assert.Contains(" http://user:hush@proxy.test:1 http://user:hush@proxy.test:1 a,b a,b\n", (await engine.GantryAsync(build)).Succeeded().Error, StringComparison.Ordinal);
        // Neither the image nor what the cache knows a step by has them.
        Assert.DoesNotContain("hush", (await engine.GantryAsync("inspect", "proxied")).Succeeded().Output + (await engine.GantryAsync("history", "--no-trunc", "proxied")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^#\d+ CACHED$", (await engine.GantryAsync("build", project.Folder)).Succeeded().Error);
    }

    [Fact]
    public async Task DevicesOfSpecificationsAreForThoseWhoMayHaveThem()
    {
        _files.Put("cdi/test.json", """{"cdiVersion":"0.6.0","kind":"gantry.test/zero","devices":[{"name":"one","containerEdits":{"env":["ZERO=yes"],"deviceNodes":[{"path":"/dev/one","hostPath":"/dev/zero"}]}}]}""");
        await using var engine = await EngineFixture.StartAsync("--registry-mirror", _registry.Url, "--cdi-spec-dir", Path.Combine(_files.Folder, "cdi"));
        using var project = new Project(("Dockerfile", "FROM busybox\nRUN --device=gantry.test/zero=one,required echo device-$ZERO-$(head -c 3 /dev/one | wc -c)\nRUN test ! -e /dev/one\n"));
        Assert.Contains(" device-yes-3\n", (await engine.GantryAsync("build", "--allow", "device=gantry.test/zero=one", project.Folder)).Succeeded().Error, StringComparison.Ordinal);
        Assert.Contains("device", (await engine.GantryAsync("build", "--no-cache", project.Folder)).Exited(1).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MappedUsersBuildTheSameImage()
    {
        using var project = new Project(
            ("Dockerfile", """
                FROM busybox
                COPY --chown=1000:1000 a /a
                RUN --mount=type=cache,target=/c --mount=type=secret,id=s,uid=1000 cat /proc/self/uid_map && stat -c '%u' /a /run/secrets/s /c && id -u > /who && chown 7:8 /who && touch /c/x
                USER 1000
                RUN cat /a > /tmp/copied
                """),
            ("a", "A"));
        var secret = _files.Put("s", "hush");
        var layers = new List<string>();
        await using var mapped = await EngineFixture.StartRemappedAsync("231072:65536", "--registry-mirror", _registry.Url);
        await using var plain = await EngineFixture.StartAsync("--registry-mirror", _registry.Url);
        foreach (var engine in (EngineFixture[])[mapped, plain])
        {
            var built = (await engine.GantryAsync("build", "-t", "mapped", "--build-arg", "SOURCE_DATE_EPOCH=1700000000", "--secret", $"id=s,src={secret}", project.Folder)).Succeeded();
            Assert.Matches(engine == mapped ? @" 0 +231072 +65536\n" : @" 0 +0 +4294967295\n", built.Error);
            Assert.Equal("1000\n7 8", (await engine.GantryAsync("run", "--rm", "mapped", "stat", "-c", "%u", "/tmp/copied")).Succeeded().Text + "\n" + (await engine.GantryAsync("run", "--rm", "mapped", "stat", "-c", "%u %g", "/who")).Succeeded().Text);
            layers.Add((await engine.GantryAsync("inspect", "--format", "{{.Id}} {{json .RootFS.Layers}}", "mapped")).Succeeded().Text);
        }

        Assert.Equal(layers[0], layers[1]);
    }
}
