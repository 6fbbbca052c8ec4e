using Gantry.Api;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class DispatcherTests
{
    [Theory]
    [InlineData("GET", "/nope", 404, "page not found")]
    [InlineData("DELETE", "/info", 404, "page not found")]
    [InlineData("GET", "/", 404, "page not found")]
    [InlineData("GET", "/v1.99/info", 400, "client version 1.99 is too new. Maximum supported API version is 1.56")]
    [InlineData("GET", "/v1.44/swarm", 503, "This node is not a swarm manager. Use \\\"docker swarm init\\\" or \\\"docker swarm join\\\" to connect this node to swarm and try again.")]
    [InlineData("DELETE", "/images/%20", 400, "image name cannot be blank")]
    [InlineData("GET", "/containers/x/checkpoints", 501, "GET /containers/{id}/checkpoints is not supported by this version of Gantry")]
    [InlineData("GET", "/containers/x/logs", 400, "Bad parameters: you must choose at least one stream")]
    [InlineData("POST", "/containers/x/wait?condition=never", 400, "invalid condition: \\\"never\\\": expected not-running, next-exit or removed")]
    [InlineData("POST", "/containers/x/resize?h=a&w=1", 400, "invalid resize height \\\"a\\\": invalid syntax")]
    [InlineData("POST", "/containers/x/resize?h=1", 400, "invalid resize width \\\"\\\": invalid syntax")]
    [InlineData("POST", "/containers/x/resize?h=-7&w=1", 400, "invalid resize height \\\"-7\\\": value out of range")]
    [InlineData("POST", "/exec/x/resize?h=1&w=4294967296", 400, "invalid resize width \\\"4294967296\\\": value out of range")]
    public async Task ErrorsAreJson(string method, string target, int status, string message)
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.AskAsync(method, target);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\n{{\"message\":\"{message}\"}}\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCannotBeAttachedToIsToldAsText()
    {
        await using var wire = await WireServer.StartAsync([new Route("POST", "/attach", exchange => HijackedStream.RefuseAsync(exchange, GantryException.Of(ErrorKind.NotFound, "No such container: x")))]);
        var answer = await wire.AskAsync("POST", "/attach");
        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/vnd.docker.raw-stream\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("No such container: x\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("message", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientsThatAreTooOldGetPlainText()
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.AskAsync("GET", "/v1.12/info");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("message", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "invalid JSON: got EOF while reading request body")]
    [InlineData("{", "invalid JSON: unexpected EOF")]
    [InlineData("{}", "config cannot be empty in order to create a container")]
    [InlineData("""{"HostConfig":{}}""", "config cannot be empty in order to create a container")]
    [InlineData("""{"Image":"x"} {}""", "invalid JSON: unexpected content after JSON (line 1, column 15)")]
    [InlineData("""{"Image":1}""", "invalid JSON: Image: expected a string, found a number")]
    [InlineData("""{"Image":"x","HostConfig":{"Memory":"much"}}""", "invalid JSON: HostConfig.Memory: expected a whole number, found a string")]
    [InlineData("[]", "invalid JSON: expected an object, found a list")]
    [InlineData("""{"Image":"x","HostConfig":{"Mounts":[{},{"Target":1}]}}""", "invalid JSON: HostConfig.Mounts[1].Target: expected a string, found a number")]
    [InlineData("""{"Image":"x","Labels":{"a":2}}""", "invalid JSON: Labels.a: expected a string, found a number")]
    [InlineData("""{"Image":"x","Env":{"a":2}}""", "invalid JSON: Env: expected a list of strings, found an object")]
    [InlineData("""{"Image":"x","HostConfig":{"Memory":}}""", "invalid JSON: HostConfig: invalid character '}' looking for beginning of value (line 1, column 37)")]
    [InlineData("{invalid json", "invalid JSON: invalid character 'i' looking for beginning of object key string (line 1, column 2)")]
    [InlineData("garb1age}", "invalid JSON: invalid character 'g' looking for beginning of value (line 1, column 1)")]
    [InlineData("""{"Image":"x","HostConfig":{"PidsLimit":1.5}}""", "invalid JSON: HostConfig.PidsLimit: expected a whole number of at most 64 bits")]
    public async Task MalformedBodiesAreExplained(string body, string message)
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.AskAsync("POST", "/v1.50/containers/create", body);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.EndsWith($"\r\n\r\n{{\"message\":\"{message}\"}}\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OlderClientsConnectToOneNetwork()
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.AskAsync("POST", "/v1.43/containers/create", """{"Image":"x","NetworkingConfig":{"EndpointsConfig":{"a":{},"b":{}}}}""");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Container cannot be created with multiple network endpoints: a, b", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATagCannotLookLikeADigest()
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.AskAsync("POST", "/v1.50/images/busybox/tag?repo=sha256&tag=sometag", "");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("{\"message\":\"refusing to create an ambiguous tag using digest algorithm as name\"}\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodiesMustBeJson()
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.ExchangeAsync("POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
        Assert.Contains("unsupported Content-Type header (text/plain): must be 'application/json'", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodiesAreLimited()
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.ExchangeAsync("POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{}");
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("the request body is larger than 8 MiB", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "OK")]
    [InlineData("HEAD", "")]
    public async Task PingTellsWhoAnswers(string method, string body)
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.AskAsync(method, "/_ping");
        foreach (var header in (string[])["Api-Version: 1.56", "Ostype: linux", "Docker-Experimental: false", "Swarm: inactive", "Server: Gantry/9.9.9 (linux)", "Builder-Version: 1"])
            Assert.Contains(header + "\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ErrorKind.Invalid, 400)]
    [InlineData(ErrorKind.Unauthenticated, 401)]
    [InlineData(ErrorKind.Forbidden, 403)]
    [InlineData(ErrorKind.NotFound, 404)]
    [InlineData(ErrorKind.AlreadyExists, 409)]
    [InlineData(ErrorKind.Conflict, 409)]
    [InlineData(ErrorKind.NotModified, 304)]
    [InlineData(ErrorKind.NotSupported, 501)]
    [InlineData(ErrorKind.Unavailable, 503)]
    [InlineData(ErrorKind.TimedOut, 500)]
    [InlineData(ErrorKind.Exhausted, 500)]
    [InlineData(ErrorKind.Internal, 500)]
    public async Task EveryKindHasAStatus(ErrorKind kind, int status)
    {
        await using var wire = await WireServer.StartAsync([new Route("GET", "/x", _ => throw GantryException.Of(kind, "why"))]);
        var answer = await wire.AskAsync("GET", "/x");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        if (kind != ErrorKind.NotModified)
            Assert.EndsWith("{\"message\":\"why\"}\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheServerSurvivesWhatHandlersThrow()
    {
        await using var wire = await WireServer.StartAsync([new Route("GET", "/x", _ => throw new InvalidOperationException("boom"))]);
        for (var i = 0; i < 3; i++)
            Assert.Contains("{\"message\":\"boom\"}", await wire.AskAsync("GET", "/x"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0\x1\x2garbage\r\n\r\n")]
    [InlineData("GET /%zz%00/../../etc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")]
    [InlineData("POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task HostileRequestsAreAnsweredOrClosed(string request)
    {
        await using var wire = await WireServer.StartAsync(Routes.All);
        var answer = await wire.ExchangeAsync(request);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        Assert.StartsWith("HTTP/1.1 200", await wire.AskAsync("GET", "/_ping"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VersionsRewriteTheAnswer()
    {
        var route = new Route("GET", "/e", exchange => exchange.WriteJsonAsync(new EventMessage { Type = "container", Action = "die", Actor = new EventActor { ID = "abc", Attributes = new Dictionary<string, string> { ["image"] = "redis" } } }));
        await using var wire = await WireServer.StartAsync([route]);
        Assert.EndsWith("\"Action\":\"die\",\"Actor\":{\"ID\":\"abc\",\"Attributes\":{\"image\":\"redis\"}}}\n", await wire.AskAsync("GET", "/e"), StringComparison.Ordinal);
        Assert.EndsWith(",\"status\":\"die\",\"id\":\"abc\",\"from\":\"redis\"}\n", await wire.AskAsync("GET", "/v1.51/e"), StringComparison.Ordinal);
    }
}
