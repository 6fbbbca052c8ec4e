using Gantry.Build;
using Xunit;

namespace Gantry.Tests.Unit.Build.Lint;

/// <summary>The words of the rules that need more than a file's syntax.</summary>
public sealed class LintMessagesTests
{
    [Theory]
    [InlineData("VERSON", "FROM argument 'VERSON' is not declared (did you mean VERSION?)", "Usage of undefined variable '$VERSON' (did you mean $VERSION?)")]
    [InlineData("version", "FROM argument 'version' is not declared", "Usage of undefined variable '$version'")]
    public void UnknownVariablesAreGuessed(string name, string from, string use)
    {
        string[] known = ["VERSION", "PATH"];
        Assert.Equal((from, use), (LintMessages.UndefinedArgInFrom(name, known), LintMessages.UndefinedVar(name, known)));
    }

    [Fact]
    public void Words()
    {
        Assert.Equal("JSON arguments recommended for CMD to prevent unintended behavior related to OS signals", LintMessages.JsonArgsRecommended("CMD"));
        Assert.Equal("Relative workdir \"app\" can have unexpected results if the base image changes", LintMessages.WorkdirRelativePath("app"));
        Assert.Equal("Multiple CMD instructions should not be used in the same stage because only the last one will be used", LintMessages.MultipleInstructionsDisallowed("CMD"));
        Assert.Equal("\"ENV key=value\" should be used instead of legacy \"ENV key value\" format", LintMessages.LegacyKeyValueFormat("ENV"));
        Assert.Equal("Base image a was pulled with platform \"linux/arm64\", expected \"linux/amd64\" for current build", LintMessages.InvalidBaseImagePlatform("a", "linux/amd64", "linux/arm64"));
        Assert.Equal("Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior", LintMessages.RedundantTargetPlatform("$TARGETPLATFORM"));
        Assert.Equal("Do not use ARG or ENV instructions for sensitive data (ENV \"TOKEN\")", LintMessages.SecretsUsedInArgOrEnv("ENV", "TOKEN"));
        Assert.Equal("Default value for ARG a:$tag results in empty or invalid base image name", LintMessages.InvalidDefaultArgInFrom("a:$tag"));
        Assert.Equal("FROM --platform flag should not use constant value \"linux/arm64\"", LintMessages.FromPlatformFlagConstDisallowed("linux/arm64"));
        Assert.Equal("Attempting to Copy file \"a\" that is excluded by .dockerignore", LintMessages.CopyIgnoredFile("Copy", "a"));
        Assert.Equal("Defined protocol '80/TCP' in EXPOSE instruction should be lowercase", LintMessages.ExposeProtoCasing("80/TCP"));
        Assert.Equal("EXPOSE instruction should not define an IP address or host-port mapping, found '1:2'", LintMessages.ExposeInvalidFormat("1:2"));
    }
}
