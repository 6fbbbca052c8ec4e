using Gantry.Build;
using Gantry.Model;
using Gantry.Model.Api;
using Xunit;

namespace Gantry.Tests.Unit.Build.Compile;

public sealed class StageTests
{
    [Fact]
    public void OnlyWhatTheTargetNeedsIsLookedUp()
    {
        var images = new FakeBaseImages();
        var build = Compiling.Compile("FROM missing AS unused\nRUN a\nFROM base AS b\nRUN b\nFROM scratch\nCOPY --from=b /x /x\n", images: images);
        Assert.Equal([("docker.io/library/base:latest", "linux/amd64")], images.Asked);
        Assert.Equal(
            ["[b 1/2] FROM docker.io/library/base:latest@id", "[b 2/2] RUN b", "[stage-2 1/1] COPY --from=b /x /x"],
            build.Vertices().Select(static v => v.Name));
        Assert.Equal([3, 4, 6], build.Vertices().Select(static v => v.Lines!.Value.First));
    }

    [Theory]
    [InlineData("a", "A=1")]
    [InlineData("A", "A=1")]
    [InlineData("0", "A=1")]
    [InlineData("b", "B=1")]
    [InlineData("", "C=1")]
    [InlineData(null, "C=1")]
    public void TheTarget(string? target, string variable) =>
        Assert.Contains(variable, Compiling.Compile("FROM base AS a\nENV A=1\nFROM base AS b\nENV B=1\nFROM base\nENV C=1", new() { Target = target }).Configuration.Config!.Env!);

    [Theory]
    [InlineData("FROM base AS build", "buidl", "target stage \"buidl\" could not be found (did you mean build?)")]
    [InlineData("FROM base AS build", "zzzzzz", "target stage \"zzzzzz\" could not be found")]
    public void ATargetThatIsNotThere(string dockerfile, string target, string message) =>
        Assert.Equal(message, Compiling.Refused(dockerfile, new() { Target = target }).Message);

    [Theory]
    [InlineData("FROM base AS a\nCOPY --from=b /x /x\nFROM base AS b\nCOPY --from=a /x /x", "circular dependency detected on stage: a")]
    [InlineData("FROM base AS a\nCOPY --from=a /x /x", "circular dependency detected on stage: a")]
    [InlineData("FROM base AS a\nRUN --mount=from=b,target=/b x\nFROM base AS b", "cannot mount from stage \"b\" to \"/b\", stage needs to be defined before current command")]
    [InlineData("FROM base AS a\nCOPY --from=b /x /x\nFROM base AS b\nFROM a", "cannot copy from stage \"b\", it needs to be defined before current stage \"a\"")]
    [InlineData("FROM base\nCOPY --from=7 /x /x", "invalid stage index 7")]
    [InlineData("FROM base\nARG S=a\nCOPY --from=$S /x /x", "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround")]
    [InlineData("FROM a//b", "failed to parse stage name \"a//b\": invalid reference format")]
    [InlineData("FROM bsae", "bsae: no such image")]
    [InlineData("FROM base AS builder\nFROM scratch\nCOPY --from=buidler /x /x", "buidler: no such image (did you mean builder?)")]
    [InlineData("FROM debain", "debain: no such image (did you mean debian?)")]
    public void WhatCannotBeIsRefused(string dockerfile, string message)
    {
        // The stage before the last, so that the one that it takes from comes later.
        var target = dockerfile.StartsWith("FROM base AS a\nRUN", StringComparison.Ordinal) ? "a" : null;
        var refused = Compiling.Refused(dockerfile, new() { Target = target });
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
        Assert.IsType<DockerfileException>(refused.InnerException);
    }

    [Fact]
    public void NamesOfSteps()
    {
        var build = Compiling.Compile("FROM base\nRUN one\nWORKDIR /w\nCOPY a b\nENV X=1\nrun echo $X \"$Y\"\n");
        Assert.Equal(
            [
                "[1/5] FROM docker.io/library/base:latest@id", "[2/5] RUN one", "[3/5] WORKDIR /w", "[internal] load build context", "[4/5] COPY a b", "[5/5] RUN echo 1 \"$Y\"",
            ],
            build.Vertices().Select(static v => v.Name));
    }

    [Fact]
    public void NumbersOfStepsAreAligned()
    {
        var build = Compiling.Compile("FROM base\n" + string.Concat(Enumerable.Range(0, 9).Select(static i => $"RUN {i}\n")));
        Assert.Equal("[ 2/10] RUN 0", build.Vertices()[1].Name);
        Assert.Equal("[10/10] RUN 8", build.Vertices()[^1].Name);
    }

    [Fact]
    public void PlatformsAreNamedWhereThereAreSeveral()
    {
        var images = new FakeBaseImages();
        images.Add("docker.io/library/tool:latest", new());
        var build = Compiling.Compile(
            "FROM --platform=$BUILDPLATFORM tool AS t\nARG TARGETARCH\nRUN x\nFROM scratch\nCOPY --from=t /x /x",
            change: spec => spec with { Platform = "linux/arm64", IsMultiPlatform = true },
            images: images);
        Assert.Equal(["[linux/amd64 t 1/2] FROM docker.io/library/tool:latest@id", "[linux/amd64->arm64 t 2/2] RUN x", "[linux/arm64 stage-1 1/1] COPY --from=t /x /x"], build.Vertices().Select(static v => v.Name));
        Assert.Equal([("docker.io/library/tool:latest", "linux/amd64")], images.Asked);
        Assert.Equal("linux/arm64", build.Platform);
    }

    [Theory]
    [InlineData("FROM --platform=$P base", "empty platform value from expression $P")]
    [InlineData("FROM --platform=linux/$ARHC base", "failed to parse platform linux/$ARHC: \"\" is an invalid component of \"linux/\": platform specifier component must match \"^[A-Za-z0-9_.-]+$\": invalid argument")]
    [InlineData("FROM --platform=linux/amd64/v1/x base", "failed to parse platform linux/amd64/v1/x: ")]
    [InlineData("FROM --platform=amd65 base", "failed to parse platform amd65: ")]
    public void PlatformsThatAreNone(string dockerfile, string message) => Assert.StartsWith(message, Compiling.Refused(dockerfile).Message, StringComparison.Ordinal);

    [Fact]
    public void TriggersOfABaseRunFirst()
    {
        var images = new FakeBaseImages();
        images.Add("docker.io/library/onbuild:latest", new() { OnBuild = ["RUN first", "COPY --from=tools /t /t", "ENV T=1"] });
        images.Add("docker.io/library/tools:latest", new());
        var build = Compiling.Compile("FROM onbuild\nRUN second\n", images: images);
        Assert.Equal(["+ RUN /bin/sh -c first # buildkit", "+ COPY /t /t # buildkit", "ENV T=1", "+ RUN /bin/sh -c second # buildkit"], build.History());
        Assert.Null(build.Configuration.Config!.OnBuild);
        Assert.Equal("[2/5] ONBUILD RUN first", build.Vertices()[1].Name);
        Assert.Equal(1, build.Vertices()[1].Lines!.Value.First);
        Assert.Equal("onbuild trigger should be a single expression", Refused("RUN a\nRUN b"));
        Assert.Equal("unknown instruction: RUNN (did you mean RUN?)", Refused("RUNN a"));

        static string Refused(string trigger)
        {
            var images = new FakeBaseImages();
            images.Add("docker.io/library/bad:latest", new() { OnBuild = [trigger] });
            return Compiling.Refused("FROM bad", images: images).Message;
        }
    }

    [Fact]
    public void AnImageWithoutLayersIsAnEmptyTree()
    {
        var images = new FakeBaseImages();
        images.Add("docker.io/library/empty:latest", new() { Env = ["A=1"] }, layers: 0);
        var build = Compiling.Compile("FROM empty\nCOPY a /\n", images: images);
        Assert.Null(((FileStep)build.Target!).Root);
        Assert.Contains("A=1", build.Configuration.Config!.Env!);
    }

    [Theory]
    [InlineData("docker-image://docker.io/library/other", "docker.io/library/other")]
    [InlineData("docker-image://other:1", "other:1")]
    public void ANamedContextTakesAStagesPlace(string location, string asked)
    {
        var images = new FakeBaseImages();
        images.Add(asked, new ImageConfig { Env = ["FROM_CONTEXT=1"] });
        var build = Compiling.Compile("FROM missing AS a\nRUN never\nFROM a\nRUN x", new() { NamedContexts = new Dictionary<string, string> { ["a"] = location } }, images: images);
        Assert.Contains("FROM_CONTEXT=1", build.Configuration.Config!.Env!);
        Assert.Equal(["+ RUN /bin/sh -c x # buildkit"], build.History());
        Assert.DoesNotContain(images.Asked, static a => a.Reference.Contains("missing", StringComparison.Ordinal));
    }

    [Fact]
    public void ANamedContextTakesAnImagesPlaceForOnePlatformOnly()
    {
        var spec = new BuildSpec { NamedContexts = new Dictionary<string, string> { ["base::linux/arm64"] = "docker-image://other" } };
        var images = new FakeBaseImages();
        images.Add("other", new(), "arm64");
        Assert.Contains("LANG=C", Compiling.Compile("FROM base", spec).Configuration.Config!.Env!);
        Assert.DoesNotContain("LANG=C", Compiling.Compile("FROM base", spec, s => s with { Platform = "linux/arm64" }, images).Configuration.Config!.Env!);
    }

    [Fact]
    public void ANamedContextMayBeADirectory()
    {
        var spec = new BuildSpec { NamedContexts = new Dictionary<string, string> { ["src"] = "local:dir", ["all"] = "local:dir2" } };
        var build = Compiling.Compile("FROM base\nCOPY --from=src a/b c* /x/\nFROM all\nCOPY --from=0 /x /y", spec with { Target = "0" });
        var context = build.Only<LocalContext>();
        Assert.Equal(("dir", "session"), (context.Context, context.Session));
        Assert.Equal(["a/b", "c*"], context.FollowPaths);
        Assert.Equal("[context src] load from client", context.Name);
        // All of it is in the image.
        Assert.Empty(Compiling.Compile("FROM all\nCOPY a /", spec).Vertices().OfType<LocalContext>().Single(static c => c.Context == "dir2").FollowPaths);
        Assert.Equal("oci-layout://x:1 must include a digest reference, as in oci-layout://NAME@sha256:…", Assert.Throws<GantryException>(static () => LayoutReference.Find("oci-layout://x:1")).Message);
        Assert.Equal("unsupported context source ftp for src", Compiling.Refused("FROM src", new() { NamedContexts = new Dictionary<string, string> { ["src"] = "ftp://x" } }).Message);
    }
}
