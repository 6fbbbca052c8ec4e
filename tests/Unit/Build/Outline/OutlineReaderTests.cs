using System.Text;
using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Unit.Build.Syntax;
using Xunit;

namespace Gantry.Tests.Unit.Build.Outline;

public sealed class OutlineReaderTests
{
    private const string Text =
        """
        ARG registry=example.org
        ARG patch=2
        # version is what is built
        ARG version=1.$patch$unused
        ARG unused=x
        ARG bare

        FROM $registry/go AS build
        # mode is how it is built
        ARG mode=release
        ARG version
        ENV DIR=/src
        ARG out=$DIR/$mode bare TARGETARCH
        RUN --mount=type=secret,id=key-$mode,required --mount=type=ssh make

        FROM $registry/${unused}other AS other
        ARG secret_of_other
        RUN --mount=type=secret,id=other x

        FROM build AS check
        RUN --mount=type=secret,target=/etc/$out/token --mount=type=ssh,id=git,required=true check

        # tool is the tool
        FROM --platform=${bare:-linux/amd64} scratch AS tool
        COPY --from=check /x /x
        ARG mode=debug
        """;

    private static BuildOutline Read(string text, string? target = null, params (string Name, string? Value)[] arguments) => OutlineReader.Read(
        new()
        {
            Dockerfile = Files.Parse(text),
            Build = new() { Target = target, Arguments = arguments.ToDictionary(static argument => argument.Name, static argument => argument.Value) },
            Session = "session",
            HostPlatform = "linux/amd64",
        },
        Encoding.UTF8.GetBytes(text));

    private static string[] Arguments(BuildOutline outline) => [.. (outline.Arguments ?? []).Select(static argument => $"{argument.Name}={argument.Value} ({argument.Description}) {argument.Location!.Ranges![0].Start.Line}")];

    private static string[] Needs(IReadOnlyList<OutlineSecret>? needs) => [.. (needs ?? []).Select(static need => $"{need.Name}{(need.Required ? "!" : "")} {need.Location!.Ranges![0].Start.Line}")];

    [Fact]
    public void WhatAStageTakes()
    {
        var outline = Read(Text, "build");
        Assert.Equal(("build", null), (outline.Name, outline.Description));
        Assert.Equal(
            ["registry=example.org () 1", "patch=2 () 2", "version=1.2 (is what is built) 4", "mode=release (is how it is built) 10", "out=/src/release () 13", "bare= () 13"],
            Arguments(outline));
        Assert.Equal(["key-release! 14"], Needs(outline.Secrets));
        Assert.Equal(["default 14"], Needs(outline.Agents));
        Assert.Equal(Text, Encoding.UTF8.GetString(Assert.Single(outline.Sources!).Span));
    }

    [Fact]
    public void WhatOthersTakeThatItNeeds()
    {
        var outline = Read(Text, null, ("bare", "linux/arm64"), ("mode", "fast"), ("nobody", "x"));
        Assert.Equal(("tool", "is the tool"), (outline.Name, outline.Description));
        Assert.Equal(
            ["registry=example.org () 1", "patch=2 () 2", "version=1.2 (is what is built) 4", "bare=linux/arm64 () 6", "out=/src/fast () 13", "mode=fast () 26"],
            Arguments(outline));
        Assert.Equal(["key-fast! 14", "token 21"], Needs(outline.Secrets));
        Assert.Equal(["default 14", "git! 21"], Needs(outline.Agents));
    }

    [Fact]
    public void AFileThatTakesNothing()
    {
        var outline = Read("FROM a");
        Assert.Equal((null, null, null, null), (outline.Name, outline.Arguments, outline.Secrets, outline.Agents));
    }

    [Theory]
    [InlineData("other2", "target stage \"other2\" could not be found (did you mean other?)")]
    [InlineData("7", "target stage \"7\" could not be found")]
    public void NoSuchTarget(string target, string message) =>
        Assert.StartsWith(message, Assert.Throws<GantryException>(() => Read(Text, target)).Message, StringComparison.Ordinal);

    [Fact]
    public void MountsThatCannotBe() =>
        Assert.Equal("secret mount should not have a from", Assert.Throws<GantryException>(() => Read("FROM a\nRUN --mount=type=secret,id=x,from=y z")).Message);
}
