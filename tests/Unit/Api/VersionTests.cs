using System.Text;
using System.Text.Json.Nodes;
using Gantry.Api.Versions;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class VersionTests
{
    private static JsonNode Answer<T>(T value, int minor)
    {
        var node = ApiJson.ToNode(value)!;
        foreach (var shim in ResponseShims.For(typeof(T), new ApiVersion(1, minor)))
            shim(node);
        return node;
    }

    private static ContainerCreateRequest Request(string json, int minor) =>
        ApiJson.Read<ContainerCreateRequest>(RequestShims.Apply<ContainerCreateRequest>(Encoding.UTF8.GetBytes(json), new ApiVersion(1, minor)).Span)!;

    [Fact]
    public void OlderClientsFindTheAddressOnTheBridge()
    {
        var container = new ContainerInspectResponse
        {
            NetworkSettings = new NetworkSettings { Networks = new Dictionary<string, EndpointSettings> { ["bridge"] = new() { IPAddress = "172.17.0.2", IPPrefixLen = 16, Gateway = "172.17.0.1" } } },
        };
        Assert.Null(Answer(container, 52)["NetworkSettings"]!["IPAddress"]);
        var older = Answer(container, 51)["NetworkSettings"]!;
        Assert.Equal("172.17.0.2", (string?)older["IPAddress"]);
        Assert.Equal(16, (int)older["IPPrefixLen"]!);
        Assert.Equal("", (string?)older["MacAddress"]);
        Assert.Equal("", (string?)Answer(new ContainerInspectResponse { NetworkSettings = new NetworkSettings() }, 51)["NetworkSettings"]!["IPAddress"]);
    }

    [Fact]
    public void ImagesHadASecondSize()
    {
        IReadOnlyList<ImageSummary> images = [new ImageSummary { Id = "sha256:1", Size = 5 }];
        Assert.Null(Answer(images, 44)[0]!["VirtualSize"]);
        Assert.Equal(5, (long)Answer(images, 43)[0]!["VirtualSize"]!);
        Assert.Null(Answer(images, 43)[0]!["RepoTags"]);
        Assert.Equal("<none>:<none>", (string?)Answer(images, 42)[0]!["RepoTags"]![0]);
    }

    [Fact]
    public void ListsTellAnnotationsSince46()
    {
        IReadOnlyList<ContainerSummary> listed = [new ContainerSummary { HostConfig = new ContainerSummaryHostConfig { NetworkMode = "none", Annotations = new Dictionary<string, string> { ["a"] = "b" } } }];
        Assert.Equal("b", (string?)Answer(listed, 46)[0]!["HostConfig"]!["Annotations"]!["a"]);
        Assert.Equal("{\"NetworkMode\":\"none\"}", Answer(listed, 45)[0]!["HostConfig"]!.ToJsonString());
    }

    [Fact]
    public void ImageInspectionsGrowWithAge()
    {
        var image = new ImageInspect { Id = "sha256:1", Size = 3, Config = new ImageConfig { Env = ["A=b"] } };
        Assert.Equal("{\"Env\":[\"A=b\"]}", Answer(image, 52)["Config"]!.ToJsonString());
        Assert.Contains("\"Cmd\":null", Answer(image, 51)["Config"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"Tty\":false", Answer(image, 49)["Config"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"Env\":[\"A=b\"]", Answer(image, 44)["ContainerConfig"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(3, (long)Answer(image, 24)["VirtualSize"]!);
    }

    [Fact]
    public void TheMacAddressMovesToItsNetwork()
    {
        const string Json = """{"Image":"x","MacAddress":"02:42:ac:11:00:09","HostConfig":{"NetworkMode":"net"}}""";
        Assert.Null(Request(Json, 52).NetworkingConfig);
        Assert.Equal("02:42:ac:11:00:09", Request(Json, 51).NetworkingConfig!.EndpointsConfig!["net"].MacAddress);
        const string Other = """{"Image":"x","MacAddress":"a","NetworkingConfig":{"EndpointsConfig":{"bridge":{"MacAddress":"b"}}}}""";
        Assert.Contains("must match", Assert.Throws<Gantry.Model.GantryException>(() => Request(Other, 44)).Message, StringComparison.Ordinal);
        Assert.Equal("a", Request(Other, 43).NetworkingConfig!.EndpointsConfig!["bridge"].MacAddress);
        Assert.Equal("02:42:ac:11:00:09", Request(Json, 43).NetworkingConfig!.EndpointsConfig!["net"].MacAddress);
        Assert.Equal("m", Request("""{"Image":"x","macaddress":"m"}""", 43).NetworkingConfig!.EndpointsConfig!["bridge"].MacAddress);
        Assert.Null(Request("""{"Image":"x","MacAddress":"m","HostConfig":{"NetworkMode":"host"}}""", 44).NetworkingConfig);
        Assert.Equal("conflicting options: mac-address and the network mode", Assert.Throws<Gantry.Model.GantryException>(() => Request("""{"Image":"x","MacAddress":"m","HostConfig":{"NetworkMode":"host"}}""", 43)).Message);
    }

    /// <summary>docker-py's low-level client.</summary>
    [Fact]
    public void ARuntimeBesideTheHostConfigCounts()
    {
        Assert.Equal("runc", Request("""{"Image":"x","Runtime":"runc"}""", 45).HostConfig!.Runtime);
        Assert.Equal("crun", Request("""{"Image":"x","Runtime":"runc","HostConfig":{"Runtime":"crun"}}""", 45).HostConfig!.Runtime);
        Assert.Null(Request("""{"Image":"x"}""", 45).HostConfig?.Runtime);
    }

    [Fact]
    public void DefaultsAreThoseOfTheirTime()
    {
        Assert.Equal("host", Request("""{"Image":"x"}""", 40).HostConfig!.CgroupnsMode);
        Assert.Equal("shareable", Request("""{"Image":"x","HostConfig":{"IpcMode":""}}""", 39).HostConfig!.IpcMode);
        Assert.Equal("private", Request("""{"Image":"x","HostConfig":{"IpcMode":"private"}}""", 39).HostConfig!.IpcMode);
        Assert.Null(Request("""{"Image":"x","HostConfig":{}}""", 41).HostConfig!.CgroupnsMode);
    }

    [Fact]
    public void UpdatesOfOldClientsLeaveTheLimitOfProcesses()
    {
        Assert.Null(Update(39).PidsLimit);
        Assert.Equal(16, Update(40).PidsLimit);

        static HostConfig Update(int minor) =>
            ApiJson.Read<HostConfig>(RequestShims.Apply<HostConfig>("""{"pidsLimit":16}"""u8.ToArray(), new ApiVersion(1, minor)).Span)!;
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("""{"Image":"x","MacAddress":5,"HostConfig":[1],"NetworkingConfig":7}""")]
    [InlineData("""{"MacAddress":"a","HostConfig":{"NetworkMode":{}},"NetworkingConfig":{"EndpointsConfig":[]}}""")]
    [InlineData("""{"HostConfig":{"Mounts":[1,null,{"Type":7}]},"Healthcheck":3}""")]
    [InlineData("""{"HostConfig":1,"hostconfig":{},"HOSTCONFIG":null,"MacAddress":"a"}""")]
    [InlineData("""{"a":1,"a":2}""")]
    public void HostileRequestsReachTheReader(string json) =>
        RequestShims.Apply<ContainerCreateRequest>(Encoding.UTF8.GetBytes(json), new ApiVersion(1, 24));
}
