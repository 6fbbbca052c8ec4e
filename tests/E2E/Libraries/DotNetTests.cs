using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using Gantry.Tests.Support;
using Xunit;

namespace Gantry.Tests.E2E.Libraries;

/// <summary>Docker.DotNet, the client under Testcontainers: a container's whole life.</summary>
public sealed class DotNetTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AContainersWholeLife()
    {
        using var client = new DockerClientBuilder().WithEndpoint(new Uri(hub.Engine.Host)).Build();
        await client.System.PingAsync(Token);
        Assert.Equal("linux", (await client.System.GetVersionAsync(Token)).Os);

        var steps = new List<string>();
        await client.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = "busybox", Tag = "latest" }, null, new Steps<JSONMessage>(m => steps.Add(m.Status ?? "")), Token);
        Assert.Contains(steps, s => s.StartsWith("Status: ", StringComparison.Ordinal));
        Assert.Contains("busybox:latest", (await client.Images.InspectImageAsync("busybox", Token)).RepoTags);

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var events = new List<string>();
        var filters = new Dictionary<string, IDictionary<string, bool>> { ["label"] = new Dictionary<string, bool> { ["by=dotnet"] = true } };
        var watch = client.System.MonitorEventsAsync(new ContainerEventsParameters { Filters = filters }, new Steps<Message>(m =>
        {
            lock (events)
                events.Add(m.Action);
        }), watching.Token);

        var id = (await client.Containers.CreateContainerAsync(
            new CreateContainerParameters
            {
                Image = "busybox",
                Name = "dotnet",
                Cmd = ["sh", "-c", "while read line; do echo got $line; echo err >&2; done; exit 6"],
                OpenStdin = true,
                StdinOnce = true,
                Labels = new Dictionary<string, string> { ["by"] = "dotnet" },
                HostConfig = new HostConfig { Memory = 64 << 20, Binds = [$"{hub.Engine.Root}:/shared:ro"] },
            },
            Token)).ID;
        using (var attached = await client.Containers.AttachContainerAsync(id, new ContainerAttachParameters { Stream = true, Stdin = true, Stdout = true, Stderr = true }, Token))
        {
            Assert.True(await client.Containers.StartContainerAsync(id, new ContainerStartParameters(), Token));
            Assert.False(await client.Containers.StartContainerAsync(id, new ContainerStartParameters(), Token));
            Assert.True((await client.Containers.InspectContainerAsync(id, Token)).State!.Running);

            var exec = await client.Exec.CreateContainerExecAsync(id, new ContainerExecCreateParameters { Cmd = ["sh", "-c", "ls /shared; echo bad >&2; exit 4"], AttachStdout = true, AttachStderr = true }, Token);
            using (var output = await client.Exec.StartContainerExecAsync(exec.ID, new ContainerExecStartParameters(), Token))
            {
                var (outputText, errorText) = await output.ReadOutputToEndAsync(Token);
                Assert.Contains("g.sock", outputText, StringComparison.Ordinal);
                Assert.Equal("bad\n", errorText);
            }
            Assert.Equal(4, (await client.Exec.InspectContainerExecAsync(exec.ID, Token)).ExitCode);

            await attached.WriteAsync(Encoding.UTF8.GetBytes("one\ntwo\n"), 0, 8, Token);
            attached.CloseWrite();
            Assert.Equal(("got one\ngot two\n", "err\nerr\n"), await attached.ReadOutputToEndAsync(Token));
        }
        Assert.Equal(6, (await client.Containers.WaitContainerAsync(id, Token)).StatusCode);
        using (var logs = await client.Containers.GetContainerLogsAsync(id, new ContainerLogsParameters { ShowStdout = true, Tail = "all" }, Token))
            Assert.Equal("got one\ngot two\n", (await logs.ReadOutputToEndAsync(Token)).stdout);

        Assert.Equal("dotnet", (await client.Containers.ListContainersAsync(new ContainersListParameters { All = true, Filters = filters }, Token)).Single().Names.Single().TrimStart('/'));
        await client.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { RemoveVolumes = true }, Token);
        await Assert.ThrowsAsync<DockerContainerNotFoundException>(() => client.Containers.InspectContainerAsync(id, Token));
        await Assert.ThrowsAsync<DockerImageNotFoundException>(() => client.Containers.CreateContainerAsync(new CreateContainerParameters { Image = "missing-image" }, Token));

        await Eventually.HoldsAsync("the last event has come", () =>
        {
            lock (events)
                return Task.FromResult(events.Contains("destroy"));
        });
        await watching.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watch);
        Assert.Superset(new HashSet<string> { "create", "attach", "start", "die", "destroy" }, events.ToHashSet());
    }

    /// <summary>Unlike Progress, tells at once and in order.</summary>
    private sealed class Steps<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
