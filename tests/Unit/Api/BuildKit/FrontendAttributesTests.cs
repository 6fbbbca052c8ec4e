using Gantry.Api.BuildKit.Builds;
using Gantry.Build;
using Gantry.Model;
using Xunit;

namespace Gantry.Tests.Unit.Api.BuildKit;

public sealed class FrontendAttributesTests
{
    [Fact]
    public void WithoutOptionsTheContextIsTheClientsDirectory()
    {
        var options = FrontendAttributes.Read(new Dictionary<string, string>());
        Assert.Equal("context", options.Spec.Context);
        Assert.Equal("Dockerfile", options.Spec.DockerfileName);
        Assert.Equal("dockerfile", options.DockerfileDirectory);
        Assert.Null(options.Upload);
        Assert.Null(options.Spec.Target);
        Assert.False(options.Spec.NoCache);
        Assert.Equal(StepNetwork.Default, options.Spec.Network);
    }

    [Fact]
    public void EveryOptionGetsItsPlace()
    {
        var options = FrontendAttributes.Read(new Dictionary<string, string>
        {
            ["filename"] = "b.Dockerfile", ["target"] = "t", ["platform"] = "linux/amd64,linux/arm64", ["build-arg:A"] = "1", ["build-arg:B"] = "", ["label:l"] = "v",
            ["context"] = "https://host.test/r.git#main", ["contextsubdir"] = "sub", ["context:base"] = "docker-image://img", ["context:src"] = "local:src", ["dockerfilekey"] = "dfk",
            ["no-cache"] = "a, b", ["image-resolve-mode"] = "pull", ["add-hosts"] = "h=1.2.3.4,six=::1", ["hostname"] = "me", ["shm-size"] = "65536", ["ulimit"] = "nofile=1:2,core=3",
            ["cgroup-parent"] = "/p", ["force-network-mode"] = "host", ["memory"] = "1", ["memswap"] = "-1", ["cpushares"] = "2", ["cpuperiod"] = "3", ["cpuquota"] = "4",
            ["cpusetcpus"] = "0-1", ["cpusetmems"] = "0", ["cache-from"] = "one,two", ["frontend.caps"] = "moby.buildkit.frontend.inputs,moby.buildkit.frontend.contexts+forward",
        });
        var spec = options.Spec;
        Assert.Equal("b.Dockerfile", spec.DockerfileName);
        Assert.Equal("t", spec.Target);
        Assert.Equal(["linux/amd64", "linux/arm64"], spec.Platforms);
        Assert.Equal(["A=1", "B="], spec.Arguments.Select(a => $"{a.Key}={a.Value}"));
        Assert.Equal("v", spec.Labels["l"]);
        Assert.Equal("https://host.test/r.git#main:sub", spec.Context);
        Assert.Equal("docker-image://img", spec.NamedContexts["base"]);
        Assert.Equal("local:src", spec.NamedContexts["src"]);
        Assert.Equal("dfk", options.DockerfileDirectory);
        Assert.False(spec.NoCache);
        Assert.Equal(["a", "b"], spec.NoCacheStages);
        Assert.True(spec.Pull);
        Assert.Equal(["h:1.2.3.4", "six:::1"], spec.ExtraHosts);
        Assert.Equal("me", spec.Hostname);
        Assert.Equal(65536, spec.ShmSizeBytes);
        Assert.Equal(["nofile=1:2", "core=3"], spec.Ulimits);
        Assert.Equal("/p", spec.CgroupParent);
        Assert.Equal(StepNetwork.Host, spec.Network);
        Assert.Equal(new BuildLimits { MemoryBytes = 1, MemorySwapBytes = -1, CpuShares = 2, CpuPeriod = 3, CpuQuota = 4, CpusetCpus = "0-1", CpusetMems = "0" }, spec.Limits);
        Assert.Equal(["one", "two"], spec.CacheFrom);
    }

    [Fact]
    public void TheContextAndTheHostHaveOtherNamesWhereTheyAreGiven()
    {
        var options = FrontendAttributes.Read(new Dictionary<string, string> { ["contextkey"] = "files", ["build-arg:BUILDKIT_SANDBOX_HOSTNAME"] = "box" });
        Assert.Equal(("files", "box"), (options.Spec.Context, options.Spec.Hostname));
    }

    [Fact]
    public void AnEmptyNoCacheMeansEveryStep() => Assert.True(FrontendAttributes.Read(new Dictionary<string, string> { ["no-cache"] = "" }).Spec.NoCache);

    [Fact]
    public void AnArchiveOfTheSessionIsADirectoryForTheBuilder()
    {
        var options = FrontendAttributes.Read(new Dictionary<string, string> { ["context"] = "http://buildkit-session/abc" });
        Assert.Equal("context", options.Spec.Context);
        Assert.Equal("/abc", options.Upload!.AbsolutePath);
    }

    [Theory]
    [InlineData("shm-size", "much", ErrorKind.Invalid)]
    [InlineData("force-network-mode", "bridge", ErrorKind.Invalid)]
    [InlineData("add-hosts", "nothing", ErrorKind.Invalid)]
    [InlineData("frontend.caps", "moby.buildkit.frontend.telepathy", ErrorKind.NotSupported)]
    public void WhatCannotBeIsRefused(string key, string value, ErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<GantryException>(() => FrontendAttributes.Read(new Dictionary<string, string> { [key] = value })).Kind);
}
