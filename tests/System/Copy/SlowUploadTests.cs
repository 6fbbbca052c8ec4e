using System.IO.Pipelines;
using Gantry.Engine.Containers;
using Gantry.Engine.Copy;
using Gantry.Model;
using Gantry.Tests.System.Engine;
using Xunit;

namespace Gantry.Tests.System.Copy;

/// <summary>A client that sends an archive as slowly as it likes keeps the container's files to itself, and nothing else of it.</summary>
public sealed class SlowUploadTests : IAsyncLifetime
{
    // A flush is over when all that was written has been read.
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
    private readonly byte[] _archive = CopyTests.Tar(("first", "one\n"), ("second", "two\n")).ToArray();
    private EngineHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ContainerOperations Containers => _host.Engine.Containers;

    public async ValueTask InitializeAsync() => _host = await EngineHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task OfAStoppedContainer_StartAloneWaitsForIt()
    {
        var id = await _host.CreateAsync("cat /tmp/first /tmp/second");
        var upload = await BeginAsync(id);

        Assert.Equal(ErrorKind.NotModified, (await Assert.ThrowsAsync<GantryException>(() => Containers.StopAsync(id, new StopRequest(), Token))).Kind);
        Assert.Equal(ErrorKind.Conflict, (await Assert.ThrowsAsync<GantryException>(() => Containers.KillAsync(id, "KILL", Token))).Kind);
        var start = Containers.StartAsync(id, Token);
        Assert.Equal("created", (await Containers.InspectAsync(id, false, Token)).State!.Status);
        Assert.Equal(ErrorKind.NotModified, (await Assert.ThrowsAsync<GantryException>(() => Containers.StopAsync(id, new StopRequest(), Token))).Kind);

        await _body.Writer.WriteAsync(_archive.AsMemory(1024), Token);
        await _body.Writer.CompleteAsync();
        await upload;
        await start;
        await ContainerLifeTests.Eventually(() => _host.LogsAsync(id), static log => log == "one\ntwo\n");
    }

    [Fact]
    public async Task OfAStoppedContainer_RemovalEndsIt()
    {
        var id = await _host.CreateAsync("true");
        var upload = await BeginAsync(id);
        await Containers.RemoveAsync(id, new RemoveRequest(Force: true), Token);

        var refused = await Assert.ThrowsAsync<GantryException>(() => upload);
        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        Assert.StartsWith("removal of container ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OfARunningContainer_NothingWaitsForIt()
    {
        var id = await _host.CreateAsync("echo up; sleep 1000");
        await _host.StartAndWaitForAsync(id, "up");
        var upload = await BeginAsync(id);
        await Containers.KillAsync(id, "KILL", Token);
        await ContainerLifeTests.Eventually(async () => (await Containers.InspectAsync(id, false, Token)).State!.Status, static status => status == "exited");

        await _body.Writer.WriteAsync(_archive.AsMemory(1024), Token);
        await _body.Writer.CompleteAsync();
        await upload; // into what is left of the container's mounts
    }

    /// <summary>Sends an archive's first entry; it is being unpacked when this returns.</summary>
    private async Task<Task> BeginAsync(string id)
    {
        var upload = _host.Engine.Files.ExtractAsync(id, new ExtractSpec { Path = "/tmp" }, _body.Reader.AsStream(), Token);
        await _body.Writer.WriteAsync(_archive.AsMemory(0, 1024), Token);
        return upload;
    }
}
