using System.Text;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Libraries;

/// <summary>Testcontainers for .NET: a container as a test of somebody else's would use it.</summary>
public sealed class TestcontainersTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AContainerIsWaitedForUsedAndGone()
    {
        // The reaper is an image of the hub's that mounts the engine's socket: it would remove what a test that crashed leaves.
        TestcontainersSettings.ResourceReaperEnabled = false;
        string id;
        await using (var container = new ContainerBuilder("busybox:latest")
            .WithDockerEndpoint(hub.Engine.Host)
            .WithEnvironment("GREETING", "hello")
            .WithLabel("by", "testcontainers")
            .WithTmpfsMount("/scratch")
            .WithResourceMapping(Encoding.UTF8.GetBytes("mapped\n"), "/srv/mapped.txt")
            .WithPortBinding(8080, assignRandomHostPort: true)
            .WithCommand("sh", "-c", "echo $GREETING; echo problem >&2; cp /srv/mapped.txt /index.html; exec busybox httpd -f -v -p 8080 -h /")
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("hello").UntilHttpRequestIsSucceeded(request => request.ForPort(8080).ForPath("/index.html")))
            .Build())
        {
            await container.StartAsync(Token);
            id = container.Id;
            Assert.Equal(DotNet.Testcontainers.Containers.TestcontainersStates.Running, container.State);
            using (var http = new HttpClient())
                Assert.Equal("mapped\n", await http.GetStringAsync(new Uri($"http://{container.Hostname}:{container.GetMappedPublicPort(8080)}/index.html"), Token));

            var result = await container.ExecAsync(["sh", "-c", "echo out; echo err >&2; exit 3"], Token);
            Assert.Equal(("out\n", "err\n", 3L), (result.Stdout, result.Stderr, result.ExitCode));
            await container.CopyAsync(Encoding.UTF8.GetBytes("copied\n"), "/srv/deep/copied.txt", ct: Token);
            Assert.Equal("copied\n", Encoding.UTF8.GetString(await container.ReadFileAsync("/srv/deep/copied.txt", Token)));
            var (stdout, stderr) = await container.GetLogsAsync(timestampsEnabled: false, ct: Token);
            Assert.StartsWith("hello\n", stdout, StringComparison.Ordinal);
            Assert.StartsWith("problem\n", stderr, StringComparison.Ordinal);
            await container.PauseAsync(Token);
            await container.UnpauseAsync(Token);
            await container.StopAsync(Token);
            Assert.Equal("exited", (await hub.Engine.DockerAsync("inspect", "-f", "{{.State.Status}}", id)).Succeeded().Text);
        }
        Assert.Contains("No such", (await hub.Engine.DockerAsync("inspect", id)).Exited(1).Error, StringComparison.Ordinal);
    }
}
