using System.Text;
using Xunit;

namespace Gantry.Tests.Unit.Cli;

/// <summary>The order and the outcome of <c>run</c>, against an engine that plays its part.</summary>
public sealed class RunTests
{
    private static readonly byte[] Output = [1, 0, 0, 0, 0, 0, 0, 3, (byte)'h', (byte)'i', (byte)'\n', 2, 0, 0, 0, 0, 0, 0, 2, (byte)'e', (byte)'\n'];

    private static readonly string Id = new('a', 64);

    [Fact]
    public void AttachesAndWaitsBeforeItStarts_AndEndsAsTheContainerDoes()
    {
        using var engine = new FakeEngine(static request => Answer(request, 42));
        var result = Cli.Gantry("-H", engine.Host, "run", "--rm", "busybox", "sh", "-c", "echo hi");
        Assert.Equal((42, "hi\n", "e\n"), (result.Code, result.Out, result.Error));
        var paths = engine.Requests.Select(static r => r.Path).ToList();
        Assert.StartsWith($"/v1.50/containers/{Id}/attach", paths.Single(static p => p.Contains("attach", StringComparison.Ordinal)));
        Assert.True(paths.FindIndex(static p => p.Contains("/attach", StringComparison.Ordinal)) < paths.FindIndex(static p => p.EndsWith("/start", StringComparison.Ordinal)));
        Assert.True(paths.FindIndex(static p => p.EndsWith("/wait?condition=removed", StringComparison.Ordinal)) < paths.FindIndex(static p => p.EndsWith("/start", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{{.HostConfig.CPUShares}} {{.HostConfig.CpuShares}}", "5 5\n")]
    [InlineData("{{.HostConfig.CPUQuota}}{{.HostConfig.DNS}}{{.HostConfig.DNSSearch}}", "7[][]\n")]
    [InlineData("[{{(index .Mounts 0).Name}}{{(index .Mounts 0).Driver}}]{{(index .Mounts 1).Name}}", "[]v\n")]
    public void TemplatesKnowGosNames(string format, string shown)
    {
        using var engine = new FakeEngine(static request => FakeEngine.Response.Json("""
            {"Id":"x","Name":"/x","HostConfig":{"CpuShares":5,"CpuQuota":7,"Dns":null,"DnsSearch":[]},
             "Mounts":[{"Type":"bind","Source":"/a","Destination":"/b","RW":true},{"Type":"volume","Name":"v","Destination":"/c","RW":true}]}
            """));
        var result = Cli.Gantry("-H", engine.Host, "inspect", "--format", format, "x");
        Assert.Equal((0, shown), (result.Code, result.Out));
    }

    [Theory]
    [InlineData("container", "wait")]
    [InlineData("container", "stop")]
    [InlineData("volume", "volume", "rm")]
    public void AnEmptyNameIsNobodys(string kind, params string[] command)
    {
        using var engine = new FakeEngine(static request => FakeEngine.Response.Json("[]"));
        var result = Cli.Gantry(["-H", engine.Host, .. command, ""]);
        Assert.Equal(1, result.Code);
        Assert.Contains($"invalid {kind} name or ID: value is empty", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(engine.Requests, static request => request.Path.Contains("//", StringComparison.Ordinal));
    }

    [Fact]
    public void PullsWhatIsMissing_ThenCreatesAgain()
    {
        var creates = 0;
        using var engine = new FakeEngine(request => request.Path.Contains("/containers/create", StringComparison.Ordinal) && creates++ == 0
            ? FakeEngine.Response.Json("{\"message\":\"No such image: busybox:latest\"}", 404)
            : Answer(request, 0));
        var result = Cli.Gantry("-H", engine.Host, "run", "-d", "busybox");
        Assert.Equal((0, Id + "\n"), (result.Code, result.Out));
        Assert.StartsWith("Unable to find image 'busybox:latest' locally\nlatest: Pulling from library/busybox\n", result.Error);
        Assert.Contains(engine.Requests, static r => r.Path.EndsWith("/images/create?fromImage=busybox&tag=latest", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("never", 404, "No such image: busybox:latest", 125)]
    [InlineData("missing", 409, "Conflict. The container name \"/x\" is already in use", 125)]
    public void ShowsWhyItWasNotCreated(string pull, int status, string message, int code)
    {
        using var engine = new FakeEngine(_ => FakeEngine.Response.Json($"{{\"message\":{System.Text.Json.Nodes.JsonValue.Create(message)!.ToJsonString()}}}", status));
        var result = Cli.Gantry("-H", engine.Host, "run", "--pull", pull, "busybox");
        Assert.Equal(code, result.Code);
        Assert.Equal($"gantry: Error response from daemon: {message}\n\nRun 'gantry run --help' for more information\n", result.Error);
    }

    [Fact]
    public void AStartThatFailsForWantOfTheCommand_Exits127()
    {
        using var engine = new FakeEngine(static request => request.Path.EndsWith("/start", StringComparison.Ordinal)
            ? FakeEngine.Response.Json("{\"message\":\"exec: \\\"nope\\\": executable file not found in $PATH\"}", 400)
            : Answer(request, 0));
        Assert.Equal(127, Cli.Gantry("-H", engine.Host, "run", "busybox", "nope").Code);
    }

    [Fact]
    public void WithoutAnEngine_SaysWhere()
    {
        var result = Cli.Gantry("-H", "unix:///nowhere.sock", "ps");
        Assert.Equal((1, "Cannot connect to the Docker daemon at unix:///nowhere.sock. Is the docker daemon running?\n"), (result.Code, result.Error));
    }

    [Fact]
    public void AnAnswerThatIsNoJson_IsAnError()
    {
        using var engine = new FakeEngine(static _ => new(200, Encoding.ASCII.GetBytes("<html>")));
        var result = Cli.Gantry("-H", engine.Host, "ps");
        Assert.Equal(1, result.Code);
        Assert.Contains("not valid JSON", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAnswerOfTheWrongShape_IsAnError()
    {
        using var engine = new FakeEngine(static _ => FakeEngine.Response.Json("{\"a\":1}"));
        Assert.Equal(1, Cli.Gantry("-H", engine.Host, "ps").Code);
    }

    private static FakeEngine.Response Answer(FakeEngine.Request request, int exitCode)
    {
        if (request.Path.Contains("/containers/create", StringComparison.Ordinal))
            return FakeEngine.Response.Json($"{{\"Id\":\"{Id}\",\"Warnings\":[]}}", 201);
        if (request.Path.Contains("/images/create", StringComparison.Ordinal))
            return FakeEngine.Response.Json("{\"status\":\"Pulling from library/busybox\",\"id\":\"latest\"}\r\n{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2},\"id\":\"abc\"}\r\n");
        if (request.Path.Contains("/attach", StringComparison.Ordinal))
            return new(101, Output, Hijack: true);
        return request.Path.Contains("/wait", StringComparison.Ordinal) ? FakeEngine.Response.Json($"{{\"StatusCode\":{exitCode}}}") : new(204, []);
    }
}
