using Gantry.Engine.Images;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Engine;

public sealed class ConfigurationChangesTests
{
    [Fact]
    public void AppliesInstructions()
    {
        var config = ConfigurationChanges.Apply(new ImageConfig(), ["CMD [\"a\", \"b\"]", "ENV A=1 B=\"two words\"", "env C the rest", "EXPOSE 80 90-91/udp", "VOLUME /data", "WORKDIR /a", "WORKDIR ../b", "USER me", "LABEL k='v w'", "STOPSIGNAL SIGINT", "HEALTHCHECK --interval=1m30s --retries=2 CMD true"]);
        Assert.Equal(["a", "b"], config.Cmd);
        Assert.Equal(["A=1", "B=two words", "C=the rest"], config.Env);
        Assert.Equal(["80/tcp", "90/udp", "91/udp"], config.ExposedPorts!.Keys.Order());
        Assert.Equal("/b", config.WorkingDir);
        Assert.Equal("v w", config.Labels!["k"]);
        Assert.Equal(["CMD-SHELL", "true"], config.Healthcheck!.Test);
        Assert.Equal(90_000_000_000, config.Healthcheck.Interval);
    }

    [Fact]
    public void ShellFormUsesTheShell()
    {
        var config = ConfigurationChanges.Apply(new ImageConfig(), ["SHELL [\"/bin/bash\", \"-c\"]", "CMD echo hi"]);
        Assert.Equal(["/bin/bash", "-c", "echo hi"], config.Cmd);
    }

    [Fact]
    public void VariablesKeepTheirPlace()
    {
        var config = ConfigurationChanges.Apply(new ImageConfig { Env = ["PATH=/bin", "A=1"] }, ["ENV B 2", "ENV PATH /foo"]);
        Assert.Equal(["PATH=/foo", "A=1", "B=2"], config.Env);
    }

    [Theory]
    [InlineData("RUN true")]
    [InlineData("CMD")]
    [InlineData("EXPOSE 99999")]
    [InlineData("ENV A")]
    [InlineData("ENV A=\"open")]
    [InlineData("SHELL /bin/sh")]
    [InlineData("ONBUILD ONBUILD RUN x")]
    public void RefusesOthers(string change) => Assert.Throws<GantryException>(() => ConfigurationChanges.Apply(new ImageConfig(), [change]));
}
