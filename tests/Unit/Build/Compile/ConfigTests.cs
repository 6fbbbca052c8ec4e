using Gantry.Build;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Build.Compile;

public sealed class ConfigTests
{
    [Fact]
    public void ABasesConfigurationIsInherited()
    {
        var images = new FakeBaseImages();
        images.Add("docker.io/library/app:1", new()
        {
            User = "app",
            WorkingDir = "/srv",
            Env = ["A=1"],
            Cmd = ["serve"],
            Entrypoint = ["/init"],
            Labels = new Dictionary<string, string> { ["x"] = "1" },
            Volumes = new Dictionary<string, EmptyObject> { ["/data"] = new() },
            ExposedPorts = new Dictionary<string, EmptyObject> { ["80/tcp"] = new() },
            StopSignal = "SIGINT",
            Shell = ["/bin/bash", "-c"],
            Healthcheck = new HealthConfig { Test = ["CMD", "true"] },
        });
        var build = Compiling.Compile("FROM app:1\nLABEL y=2\nEXPOSE 81\nVOLUME /more\n", images: images);
        var config = build.Configuration.Config!;
        Assert.Equal("app", config.User);
        Assert.Equal("/srv", config.WorkingDir);
        Assert.Equal(["A=1", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], config.Env);
        Assert.Equal(["serve"], config.Cmd);
        Assert.Equal(["/init"], config.Entrypoint);
        Assert.Equal(["x", "y"], config.Labels!.Keys);
        Assert.Equal(["/data", "/more"], config.Volumes!.Keys);
        Assert.Equal(["80/tcp", "81/tcp"], config.ExposedPorts!.Keys);
        Assert.Equal("SIGINT", config.StopSignal);
        Assert.Equal(["/bin/bash", "-c"], config.Shell);
        Assert.Equal(["CMD", "true"], config.Healthcheck!.Test);
        Assert.Equal("somebody", build.Configuration.Author);
        Assert.Null(build.Configuration.Created);
        Assert.Equal(["layer 0"], build.Configuration.History!.Where(static e => e.Comment is null).Select(static e => e.CreatedBy));
    }

    [Fact]
    public void ScratchHasAPathAndARoot()
    {
        var build = Compiling.Compile("FROM scratch\n");
        Assert.Null(build.Target);
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], build.Configuration.Config!.Env);
        Assert.Equal("/", build.Configuration.Config.WorkingDir);
        Assert.Equal(("linux", "amd64"), (build.Configuration.Os, build.Configuration.Architecture));
        Assert.Empty(build.History());
    }

    [Theory]
    [InlineData("CMD [\"a\",\"b\"]", "a|b", "CMD [\"a\" \"b\"]")]
    [InlineData("CMD echo hi", "/bin/sh|-c|echo hi", "CMD [\"/bin/sh\" \"-c\" \"echo hi\"]")]
    [InlineData("CMD a\nCMD [\"b\"]", "b", "CMD [\"b\"]")]
    [InlineData("SHELL [\"/bin/bash\",\"-e\"]\nCMD a b", "/bin/bash|-e|a b", "CMD [\"/bin/bash\" \"-e\" \"a b\"]")]
    [InlineData("CMD []", "", "CMD []")]
    public void Cmd(string instructions, string expected, string history)
    {
        var build = Compiling.Compile("FROM base\n" + instructions);
        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), build.Configuration.Config!.Cmd ?? []);
        Assert.True(build.Configuration.Config.ArgsEscaped);
        Assert.Equal(history, build.History()[^1]);
    }

    [Theory]
    [InlineData("ENTRYPOINT [\"/e\"]", "/e", "")]
    [InlineData("CMD [\"c\"]\nENTRYPOINT [\"/e\"]", "/e", "c")]
    [InlineData("ENTRYPOINT [\"/e\"]\nCMD [\"c\"]", "/e", "c")]
    [InlineData("ENTRYPOINT run me", "/bin/sh|-c|run me", "")]
    [InlineData("ENTRYPOINT []", "", "")]
    public void AnEntrypointTakesTheBasesCommandAway(string instructions, string entrypoint, string cmd)
    {
        var config = Compiling.Compile("FROM base\n" + instructions).Configuration.Config!;
        Assert.Equal(entrypoint.Split('|', StringSplitOptions.RemoveEmptyEntries), config.Entrypoint ?? []);
        Assert.Equal(cmd.Split('|', StringSplitOptions.RemoveEmptyEntries), config.Cmd ?? []);
    }

    [Fact]
    public void AStagesCommandIsABasesCommandToTheNextStage() =>
        Assert.Null(Compiling.Compile("FROM base AS a\nCMD [\"c\"]\nFROM a\nENTRYPOINT [\"/e\"]").Configuration.Config!.Cmd);

    [Theory]
    [InlineData("EXPOSE 80", "80/tcp", "EXPOSE [80/tcp]")]
    [InlineData("EXPOSE 53/udp 53", "53/tcp 53/udp", "EXPOSE [53/tcp 53/udp]")]
    [InlineData("EXPOSE 8000-8002/SCTP", "8000/sctp 8001/sctp 8002/sctp", "EXPOSE [8000/sctp 8001/sctp 8002/sctp]")]
    [InlineData("EXPOSE 127.0.0.1:8080:80", "80/tcp", "EXPOSE [80/tcp]")]
    [InlineData("EXPOSE [::1]:8080:80", "80/tcp", "EXPOSE [80/tcp]")]
    [InlineData("ENV P=\"1 2\"\nEXPOSE $P", "1/tcp 2/tcp", "EXPOSE [1/tcp 2/tcp]")]
    public void Expose(string instructions, string ports, string history)
    {
        var build = Compiling.Compile("FROM base\n" + instructions);
        Assert.Equal(ports.Split(' '), build.Configuration.Config!.ExposedPorts!.Keys);
        Assert.Equal(history, build.History()[^1]);
    }

    [Theory]
    [InlineData("EXPOSE /tcp", "no port specified: /tcp<empty>")]
    [InlineData("EXPOSE 80/icmp", "invalid proto: icmp")]
    [InlineData("EXPOSE 65536", "invalid containerPort: 65536")]
    [InlineData("EXPOSE 90-80", "invalid containerPort: 90-80")]
    [InlineData("EXPOSE x:80", "invalid hostPort: x")]
    [InlineData("EXPOSE 1-2:80-82", "invalid ranges specified for container and host Ports: 80-82 and 1-2")]
    [InlineData("EXPOSE 300.1.1.1:80:80", "invalid IP address: 300.1.1.1")]
    [InlineData("STOPSIGNAL SIGNOTHING", "invalid signal: SIGNOTHING")]
    [InlineData("STOPSIGNAL 0", "invalid signal: 0")]
    [InlineData("STOPSIGNAL 1x", "invalid signal: 1x")]
    [InlineData("ARG EMPTY\nVOLUME $EMPTY", "VOLUME specified can not be an empty string")]
    public void WhatCannotBeIsRefusedWithItsLines(string instructions, string message)
    {
        var refused = Compiling.Refused("FROM base\n" + instructions);
        Assert.Equal(message, refused.Message);
        Assert.Equal(1 + instructions.Split('\n').Length, Assert.IsType<DockerfileException>(refused.InnerException).Lines.First);
    }

    [Fact]
    public void Environment()
    {
        var build = Compiling.Compile("FROM base\nENV LANG=de A=1\nENV A=2 B=$A\nENV C the  rest\n");
        Assert.Equal(["PATH=/bin", "LANG=de", "A=2", "B=1", "C=the  rest"], build.Configuration.Config!.Env);
        Assert.Equal(["ENV LANG=de A=1", "ENV A=2 B=1", "ENV C=the  rest"], build.History());
    }

    [Fact]
    public void LabelsOfTheBuildWin()
    {
        var build = Compiling.Compile("FROM base\nENV V=1\nLABEL a=$V b=\"x y\"\n", new() { Labels = new Dictionary<string, string> { ["a"] = "9", ["c"] = "3" } });
        Assert.Equal([("a", "9"), ("b", "x y"), ("c", "3")], build.Configuration.Config!.Labels!.Select(static l => (l.Key, l.Value)));
        Assert.Equal(["ENV V=1", "LABEL a=1 b=x y"], build.History());
    }

    [Fact]
    public void UserMaintainerShellVolumeAndSignal()
    {
        var build = Compiling.Compile("FROM base\nARG U=me\nUSER $U:staff\nMAINTAINER A B\nSHELL [\"/bin/ash\", \"-c\"]\nVOLUME /a /b\nVOLUME [\"/c\"]\nSTOPSIGNAL ${S:-SIGUSR1}\n");
        var config = build.Configuration.Config!;
        Assert.Equal("me:staff", config.User);
        Assert.Equal("A B", build.Configuration.Author);
        Assert.Equal(["/a", "/b", "/c"], config.Volumes!.Keys);
        Assert.Equal("SIGUSR1", config.StopSignal);
        Assert.Equal(
            ["ARG U=me", "USER me:staff", "MAINTAINER A B", "SHELL [/bin/ash -c]", "VOLUME [/a /b]", "VOLUME [/c]", "STOPSIGNAL SIGUSR1"],
            build.History());
    }

    [Fact]
    public void Healthcheck()
    {
        var build = Compiling.Compile("FROM base\nHEALTHCHECK --interval=90s --timeout=250ms --retries=2 CMD curl x || exit 1\n");
        var check = build.Configuration.Config!.Healthcheck!;
        Assert.Equal(["CMD-SHELL", "curl x || exit 1"], check.Test);
        Assert.Equal((90_000_000_000, 250_000_000, null, 2), (check.Interval, check.Timeout, check.StartPeriod, check.Retries));
        Assert.Equal("HEALTHCHECK {Test:[CMD-SHELL curl x || exit 1] Interval:1m30s Timeout:250ms StartPeriod:0s StartInterval:0s Retries:2}", build.History()[^1]);
        Assert.Equal(["NONE"], Compiling.Compile("FROM base\nHEALTHCHECK NONE").Configuration.Config!.Healthcheck!.Test);
    }

    [Fact]
    public void TriggersAreKeptForOthersAndNotForTheNextStage()
    {
        Assert.Equal(["RUN a", "COPY . /x"], Compiling.Compile("FROM base\nONBUILD RUN a\nONBUILD COPY . /x").Configuration.Config!.OnBuild);
        var next = Compiling.Compile("FROM base AS a\nONBUILD ENV X=1\nFROM a\n");
        Assert.Null(next.Configuration.Config!.OnBuild);
        Assert.Contains("X=1", next.Configuration.Config.Env!);
    }

    [Fact]
    public void TheTimeOfEverythingCanBeGiven()
    {
        var build = Compiling.Compile("FROM base\nENV A=1\nWORKDIR /w", new() { Arguments = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = "86400" } });
        Assert.All(build.Configuration.History!.Skip(1), static entry => Assert.Equal("1970-01-02T00:00:00Z", entry.Created));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(86400), build.Created);
        Assert.Equal(build.Created, ((FileStep)build.Target!).Created);
        Assert.StartsWith("invalid SOURCE_DATE_EPOCH: soon", Compiling.Refused("FROM base", new() { Arguments = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = "soon" } }).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux/arm64", "arm64", null)]
    [InlineData("linux/arm/v6", "arm", "v6")]
    [InlineData("linux/aarch64/v8", "arm64", null)]
    public void ThePlatformThatWasAskedForIsTheImages(string platform, string architecture, string? variant)
    {
        var build = Compiling.Compile("FROM scratch", change: spec => spec with { Platform = platform });
        Assert.Equal(("linux", architecture, variant), (build.Configuration.Os, build.Configuration.Architecture, build.Configuration.Variant));
    }
}
