using Gantry.Build;
using Xunit;

namespace Gantry.Tests.Unit.Build.Compile;

public sealed class ArgumentTests
{
    [Theory]
    [InlineData("ARG V=1\nFROM base\nENV X=$V", null, "X=")]
    [InlineData("ARG V=1\nFROM base\nARG V\nENV X=$V", null, "X=1")]
    [InlineData("ARG V=1\nFROM base\nARG V=2\nENV X=$V", null, "X=2")]
    [InlineData("ARG V=1\nFROM base\nARG V=2\nENV X=$V", "3", "X=3")]
    [InlineData("ARG V\nFROM base\nARG V\nENV X=${V-unset}", null, "X=unset")]
    [InlineData("FROM base\nENV X=${V:-none}", "3", "X=none")]
    [InlineData("FROM base\nARG V=1\nENV V=2\nENV X=$V", "3", "X=2")]
    [InlineData("FROM base AS a\nARG V=1\nFROM a\nENV X=$V", null, "X=1")]
    [InlineData("FROM base AS a\nARG V=1\nFROM base\nENV X=$V", null, "X=")]
    [InlineData("FROM base\nARG A=1 V=${A}2\nENV X=$V", null, "X=12")]
    [InlineData("ARG TARGETARCH\nFROM base\nENV X=$TARGETARCH", null, "X=")]
    [InlineData("FROM base\nARG TARGETPLATFORM\nARG BUILDARCH\nARG TARGETSTAGE\nENV X=$TARGETPLATFORM-$BUILDARCH-$TARGETSTAGE", null, "X=linux/amd64-amd64-default")]
    [InlineData("FROM base\nARG TARGETOSVERSION BUILDVARIANT\nENV X=${TARGETOSVERSION-unset}${BUILDVARIANT-unset}", null, "X=")]
    [InlineData("FROM base AS last\nARG TARGETSTAGE\nENV X=$TARGETSTAGE", null, "X=last")]
    public void Scopes(string dockerfile, string? given, string variable)
    {
        var arguments = new Dictionary<string, string?>();
        if (given is not null)
            arguments["V"] = given;
        Assert.Contains(variable, Compiling.Compile(dockerfile, new() { Arguments = arguments }).Configuration.Config!.Env!);
    }

    [Fact]
    public void RunSeesArgumentsAndTheHistorySaysWhichAndTheImageDoesNot()
    {
        var build = Compiling.Compile("FROM base\nARG A=1\nARG B\nARG C=3\nENV C=4\nRUN make", new() { Arguments = new Dictionary<string, string?> { ["A"] = "x y" } });
        Assert.Equal(["ARG A=x y", "ARG B", "ARG C=3", "ENV C=4", "+ RUN |3 A=x y B= C=4 /bin/sh -c make # buildkit"], build.History());
        Assert.Equal(["PATH=/bin", "LANG=C", "A=x y", "C=4"], build.Only<ExecStep>().Environment);
        Assert.Equal(["PATH=/bin", "LANG=C", "C=4"], build.Configuration.Config!.Env);
    }

    [Fact]
    public void WhatIsToBeScannedIsNoConcernOfSteps() =>
        Assert.Equal(["PATH=/bin", "LANG=C"], Compiling.Compile("FROM base\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN a").Only<ExecStep>().Environment);

    [Fact]
    public void ANullArgumentIsNone() =>
        Assert.Equal(["ARG A=1"], Compiling.Compile("FROM base\nARG A=1", new() { Arguments = new Dictionary<string, string?> { ["A"] = null } }).History());

    [Fact]
    public void ProxiesAreSeenByStepsAndByNothingElse()
    {
        var arguments = new Dictionary<string, string?> { ["http_proxy"] = "http://p", ["NO_PROXY"] = "x", ["ALL_PROXY"] = "y" };
        var build = Compiling.Compile("FROM base\nRUN a", new() { Arguments = arguments });
        var step = build.Only<ExecStep>();
        Assert.Equal(["HTTP_PROXY=http://p", "http_proxy=http://p", "NO_PROXY=x", "no_proxy=x", "ALL_PROXY=y", "all_proxy=y"], step.UnkeyedEnvironment);
        Assert.Equal(["+ RUN /bin/sh -c a # buildkit"], build.History());
        Assert.Equal(Compiling.Compile("FROM base\nRUN a").Target!.Digest, step.Digest);
    }

    [Fact]
    public void FromSeesGlobalArguments()
    {
        var images = new FakeBaseImages();
        images.Add("docker.io/library/tool:1.2", new());
        var build = Compiling.Compile("ARG NAME=tool\nARG V=1\nARG FULL=$NAME:$V.2\nFROM $FULL", images: images);
        Assert.Equal("docker.io/library/tool:1.2@id", build.Only<ImageSource>().Reference);
        Assert.Equal("base name ($NONE) should not be blank", Compiling.Refused("FROM $NONE").Message);
    }
}
