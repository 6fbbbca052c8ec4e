using System.Text.Json;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Api;

public sealed class ApiJsonTests
{
    [Fact]
    public void WritesZerosWhereGoHasValues() =>
        Assert.Equal("""{"Id":"","Warnings":null}""", ApiJson.WriteText(new ContainerCreateResponse()));

    [Fact]
    public void LeavesOutOmitempty()
    {
        var json = ApiJson.WriteText(new ContainerConfig());
        Assert.Contains("\"Tty\":false", json, StringComparison.Ordinal);
        Assert.Contains("\"Cmd\":null", json, StringComparison.Ordinal);
        Assert.DoesNotContain("Healthcheck", json, StringComparison.Ordinal);
        Assert.DoesNotContain("StopTimeout", json, StringComparison.Ordinal);
    }

    [Fact]
    public void PointersKeepTheirZero()
    {
        Assert.Contains("\"StopTimeout\":0", ApiJson.WriteText(new ContainerConfig { StopTimeout = 0 }), StringComparison.Ordinal);
        Assert.Contains("\"Init\":false", ApiJson.WriteText(new HostConfig { Init = false }), StringComparison.Ordinal);
        Assert.Contains("\"PidsLimit\":null", ApiJson.WriteText(new HostConfig()), StringComparison.Ordinal);
    }

    [Fact]
    public void EmbeddedStructsAreWrittenWithZeros() =>
        Assert.Contains("\"RestartPolicy\":{\"Name\":\"\",\"MaximumRetryCount\":0}", ApiJson.WriteText(new HostConfig()), StringComparison.Ordinal);

    [Fact]
    public void ReadsWithoutCaseAndIgnoresUnknown()
    {
        var config = ApiJson.Read<ContainerConfig>("""{"image":"a","IMAGE":"b","nonsense":{"x":[1,2]},"Tty":true}""");
        Assert.Equal("b", config!.Image);
        Assert.True(config.Tty);
    }

    [Theory]
    [InlineData("""{"Cmd":"echo hi"}""", "echo hi")]
    [InlineData("""{"Cmd":["echo","hi"]}""", "echo|hi")]
    [InlineData("""{"Cmd":["echo",null]}""", "echo|")]
    public void CommandIsTextOrList(string json, string words) =>
        Assert.Equal(words.Split('|'), ApiJson.Read<ContainerConfig>(json)!.Cmd!);

    [Fact]
    public void NullElementsBecomeEmpty()
    {
        var host = ApiJson.Read<HostConfig>("""{"Mounts":[null],"Sysctls":{"a":null},"PortBindings":{"80/tcp":null,"81/tcp":[null]},"Binds":null}""")!;
        Assert.NotNull(host.Mounts![0]);
        Assert.Equal("", host.Sysctls!["a"]);
        Assert.Null(host.PortBindings!["80/tcp"]);
        Assert.NotNull(host.PortBindings["81/tcp"]![0]);
        Assert.Null(host.Binds);
        Assert.NotNull(ApiJson.Read<NetworkingConfig>("""{"EndpointsConfig":{"n":null}}""")!.EndpointsConfig!["n"]);
    }

    [Fact]
    public void CreateRequestEmbedsTheConfiguration()
    {
        var request = new ContainerCreateRequest { Config = new ContainerConfig { Image = "x" }, HostConfig = new HostConfig { Privileged = true } };
        var json = ApiJson.WriteText(request);
        Assert.StartsWith("{\"Hostname\":\"\"", json, StringComparison.Ordinal);
        var back = ApiJson.Read<ContainerCreateRequest>(json)!;
        Assert.Equal("x", back.Config!.Image);
        Assert.True(back.HostConfig!.Privileged);
        Assert.Null(ApiJson.Read<ContainerCreateRequest>("""{"HostConfig":{}}""")!.Config);
    }

    [Theory]
    [InlineData("""{"HostConfig":{"Memory":"a"}}""", "$.HostConfig.Memory")]
    [InlineData("""{"Tty":"yes"}""", "$.Tty")]
    public void ErrorsNameTheMember(string json, string path)
    {
        var exception = Assert.Throws<JsonException>(() => ApiJson.Read<ContainerCreateRequest>(json));
        Assert.Equal(path, exception.Path);
    }

    [Fact]
    public void DepthIsLimited()
    {
        var deep = new string('[', 100_000);
        Assert.Throws<JsonException>(() => ApiJson.Read<ContainerConfig>($$"""{"Env":{{deep}}"""));
        Assert.Throws<JsonException>(() => ApiJson.Read<ContainerCreateRequest>($$"""{"x":{{deep}}"""));
    }

    [Fact]
    public void CredentialsAreNotPrinted() => Assert.Equal("***", new AuthConfig { Password = "geheim" }.ToString());
}
