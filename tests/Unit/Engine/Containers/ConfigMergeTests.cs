using Gantry.Engine.Containers;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine.Containers;

public sealed class ConfigMergeTests
{
    private static readonly ImageConfig s_image = new()
    {
        Entrypoint = ["/entry"],
        Cmd = ["serve"],
        Env = ["PATH=/bin", "A=image"],
        User = "web",
        WorkingDir = "/srv//x/../",
        StopSignal = "SIGQUIT",
        Labels = new Dictionary<string, string> { ["a"] = "image", ["b"] = "image" },
        ExposedPorts = new Dictionary<string, EmptyObject> { ["80/tcp"] = new() },
        Volumes = new Dictionary<string, EmptyObject> { ["/data"] = new() },
        Healthcheck = new HealthConfig { Test = ["CMD", "true"], Interval = 5, Retries = 2 },
    };

    [Fact]
    public void WhatIsEmptyIsTheImages()
    {
        var empty = new Dictionary<string, EmptyObject>();
        var merged = ConfigMerge.Merge(new ContainerConfig { Cmd = ["x"], Volumes = empty, ExposedPorts = empty }, new ImageConfig());
        Assert.Null(merged.Volumes);
        Assert.Null(merged.ExposedPorts);
        Assert.Empty(merged.Labels!);
    }

    [Fact]
    public void AnEmptyRequestTakesTheImages()
    {
        var merged = ConfigMerge.Merge(new ContainerConfig(), s_image);
        Assert.Equal(["/entry"], merged.Entrypoint);
        Assert.Equal(["serve"], merged.Cmd);
        Assert.Equal(["PATH=/bin", "A=image"], merged.Env);
        Assert.Equal(("web", "/srv", "SIGQUIT"), (merged.User, merged.WorkingDir, merged.StopSignal));
        Assert.True(merged.ExposedPorts!.ContainsKey("80/tcp"));
        Assert.True(merged.Volumes!.ContainsKey("/data"));
        Assert.Equal(5, merged.Healthcheck!.Interval);
    }

    [Fact]
    public void ACommandKeepsTheImagesEntrypoint()
    {
        var merged = ConfigMerge.Merge(new ContainerConfig { Cmd = ["other"] }, s_image);
        Assert.Equal(["/entry"], merged.Entrypoint);
        Assert.Equal(["other"], merged.Cmd);
    }

    [Fact]
    public void AnEntrypointDropsTheImagesCommand()
    {
        var merged = ConfigMerge.Merge(new ContainerConfig { Entrypoint = ["sh"] }, s_image);
        Assert.Equal(["sh"], merged.Entrypoint);
        Assert.Null(merged.Cmd);
    }

    [Fact]
    public void AnEmptyWordResetsTheEntrypointAndTheImagesCommand()
    {
        var merged = ConfigMerge.Merge(new ContainerConfig { Entrypoint = [""], Cmd = ["ls"] }, s_image);
        Assert.Null(merged.Entrypoint);
        Assert.Equal(["ls"], merged.Cmd);
        Assert.Throws<GantryException>(() => ConfigMerge.Merge(new ContainerConfig { Entrypoint = [""] }, s_image));
    }

    [Fact]
    public void VariablesOfTheRequestWin()
    {
        var merged = ConfigMerge.Merge(new ContainerConfig { Env = ["A=own", "B=own"] }, s_image);
        Assert.Equal(["A=own", "B=own", "PATH=/bin"], merged.Env);
    }

    [Fact]
    public void LabelsPortsAndHealthAreJoined()
    {
        var merged = ConfigMerge.Merge(
            new ContainerConfig
            {
                Labels = new Dictionary<string, string> { ["a"] = "own" },
                ExposedPorts = new Dictionary<string, EmptyObject> { ["443/tcp"] = new() },
                Healthcheck = new HealthConfig { Interval = 9 },
            },
            s_image);
        Assert.Equal("own", merged.Labels!["a"]);
        Assert.Equal("image", merged.Labels["b"]);
        Assert.Equal(2, merged.ExposedPorts!.Count);
        Assert.Equal(["CMD", "true"], merged.Healthcheck!.Test);
        Assert.Equal(9, merged.Healthcheck.Interval);
        Assert.Equal(2, merged.Healthcheck.Retries);
    }

    [Fact]
    public void SaysWhenThereIsNoCommand() =>
        Assert.Equal("no command specified", Assert.Throws<GantryException>(() => ConfigMerge.Merge(new ContainerConfig(), new ImageConfig())).Message);
}
