using Xunit;

namespace Gantry.Tests.Unit.Build.Compile;

public sealed class CompileLintTests
{
    [Theory]
    [InlineData("FROM $BSAE", "FROM scratch", "")]
    [InlineData("ARG BASE=base\nFROM ${BSAE:-base}", null, "UndefinedArgInFrom: FROM argument 'BSAE' is not declared (did you mean BASE?) (line 2)")]
    [InlineData("ARG BASE\nFROM ${BASE:-base}", null, "")]
    [InlineData("ARG BASE\nFROM $BASE", "base", "InvalidDefaultArgInFrom: Default value for ARG $BASE results in empty or invalid base image name (line 2)")]
    [InlineData("FROM base\nENV A=$B", null, "UndefinedVar: Usage of undefined variable '$B' (line 2)")]
    [InlineData("FROM base\nENV A=$PAHT", null, "UndefinedVar: Usage of undefined variable '$PAHT' (did you mean $PATH?) (line 2)")]
    [InlineData("FROM base\nARG B\nENV A=$B", null, "")]
    [InlineData("FROM base\n# check=skip=UndefinedVar\nENV A=$B", null, "")]
    [InlineData("FROM base\nENV A b\nLABEL c d", null, "LegacyKeyValueFormat: \"ENV key=value\" should be used instead of legacy \"ENV key value\" format (line 2)|LegacyKeyValueFormat: \"LABEL key=value\" should be used instead of legacy \"LABEL key value\" format (line 3)")]
    [InlineData("FROM base\nWORKDIR a\nWORKDIR b", null, "WorkdirRelativePath: Relative workdir \"a\" can have unexpected results if the base image changes (line 2)")]
    [InlineData("FROM base\nCMD a\nENTRYPOINT b", null, "JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 2)|JSONArgsRecommended: JSON arguments recommended for ENTRYPOINT to prevent unintended behavior related to OS signals (line 3)")]
    [InlineData("FROM base\nSHELL [\"/bin/sh\",\"-c\"]\nCMD a", null, "")]
    [InlineData("FROM base\nCMD [\"a\"]\nCMD [\"b\"]", null, "MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used (line 2)")]
    [InlineData("FROM base\nENV API_KEY=1 KEY_FILE=2\nARG db_password", null, "SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV \"API_KEY\") (line 2)|SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG \"db_password\") (line 3)")]
    [InlineData("FROM --platform=$TARGETPLATFORM base", null, "RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior (line 1)")]
    [InlineData("FROM --platform=linux/amd64 base", null, "FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value \"linux/amd64\" (line 1)")]
    [InlineData("FROM --platform=linux/amd64 base AS app-amd64", null, "")]
    [InlineData("FROM --platform=$BUILDPLATFORM base", null, "")]
    [InlineData("FROM base\nEXPOSE 80/TCP 1.2.3.4:5:6", null, "ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '1.2.3.4:5:6' (line 2)|ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase (line 2)")]
    [InlineData("FROM other", null, "InvalidBaseImagePlatform: Base image other was pulled with platform \"linux/arm64\", expected \"linux/amd64\" for current build (line 1)")]
    [InlineData("FROM base\nCOPY a.md b /d/\nADD . /d", null, "CopyIgnoredFile: Attempting to Copy file \"a.md\" that is excluded by .dockerignore (line 2)")]
    public void Findings(string dockerfile, string? given, string findings)
    {
        if (given == "FROM scratch")
        {
            Assert.Contains("should not be blank", Compiling.Refused(dockerfile).Message, StringComparison.Ordinal);
            return;
        }
        var images = new FakeBaseImages();
        images.Add("docker.io/library/other:latest", new(), "arm64");
        var arguments = new Dictionary<string, string?>();
        if (given is not null)
            arguments["BASE"] = given;
        var build = Compiling.Compile(
            dockerfile,
            new() { Arguments = arguments },
            spec => spec with { Ignored = new Dictionary<string, IReadOnlyList<string>> { ["context"] = ["*.md"] } },
            images);
        Assert.Equal(findings, string.Join('|', build.Warnings.Select(static w => $"{w.Rule}: {w.Message} (line {w.Lines!.Value.First})")));
    }

    [Fact]
    public void NothingIsSaidOfIgnoredFilesWhereExceptionsFollow() =>
        Assert.Empty(Compiling.Compile("FROM base\nCOPY a.md /d", change: spec => spec with { Ignored = new Dictionary<string, IReadOnlyList<string>> { ["context"] = ["*.md", "!b.md"] } }).Warnings);

    [Fact]
    public void FindingsFailABuildThatWantsIt() =>
        Assert.Equal("lint violation found for rules: LegacyKeyValueFormat", Compiling.Refused("# check=error=true\nFROM base\nENV A b").Message);

    [Fact]
    public void AllStagesAreLookedAtWhereItIsAskedFor()
    {
        const string Dockerfile = "FROM base AS a\nENV A b\nFROM base\n";
        Assert.Empty(Compiling.Compile(Dockerfile).Warnings);
        Assert.Single(Compiling.Compile(Dockerfile, change: static spec => spec with { AllStages = true }).Warnings);
    }
}
