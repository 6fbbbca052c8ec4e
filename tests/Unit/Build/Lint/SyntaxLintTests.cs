using Gantry.Build;
using Gantry.Model;
using Gantry.Tests.Unit.Build.Syntax;
using Xunit;

namespace Gantry.Tests.Unit.Build.Lint;

/// <summary>What linting finds while a file is read.</summary>
public sealed class SyntaxLintTests
{
    private static string[] Findings(string text, string? check = null) =>
        [.. Files.Parse(text, check).Warnings.Select(static warning => $"{warning.Rule}: {warning.Message} (line {warning.Lines?.First})")];

    [Fact]
    public void CleanFilesHaveNone() => Assert.Empty(Findings("# syntax=x\nARG v=1\nFROM a:$v AS one\nRUN b \\\n  # comment\n  && c\nFROM one\nCMD [\"a\"]\n"));

    [Theory]
    [InlineData("FROM a AS One", "StageNameCasing: Stage name 'One' should be lowercase (line 1)")]
    [InlineData("FROM a as one", "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)")]
    [InlineData("from a AS one", "FromAsCasing: 'AS' and 'from' keywords' casing do not match (line 1)")]
    [InlineData("FROM a As one", "FromAsCasing: 'As' and 'FROM' keywords' casing do not match (line 1)")]
    [InlineData("FROM a\nMAINTAINER me", "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)")]
    [InlineData("FROM a AS one\nFROM b AS one", "DuplicateStageName: Duplicate stage name \"one\", stage names should be unique (line 2)")]
    [InlineData("FROM a AS scratch", "ReservedStageName: Stage name should not use the same name as reserved stage \"scratch\" (line 1)")]
    [InlineData("FROM a AS context", "ReservedStageName: Stage name should not use the same name as reserved stage \"context\" (line 1)")]
    [InlineData("FROM a\nRUN b \\\n\n  c\nRUN d", "NoEmptyContinuation: Empty continuation line (line 4)")]
    [InlineData("FROM a\nRUN b\nrun c", "ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase) (line 3)")]
    [InlineData("from a\nRUN b\nrun c", "ConsistentInstructionCasing: Command 'RUN' should match the case of the command majority (lowercase) (line 2)")]
    [InlineData("FROM a\nrun b", "ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase) (line 2)")]
    [InlineData("From a\nRUN b", "ConsistentInstructionCasing: Command 'From' should match the case of the command majority (uppercase) (line 1)")]
    public void OneFinding(string text, string finding) => Assert.Equal([finding], Findings(text));

    [Fact]
    public void TheCaseOfAMixedFromSaysNothingOfAs() => Assert.DoesNotContain(Findings("From a as one\nRUN x"), static finding => finding.StartsWith("FromAs", StringComparison.Ordinal));

    [Fact]
    public void DescriptionsNameWhatTheyDescribe()
    {
        const string Text = "# check=experimental=InvalidDefinitionDescription\n# other text\nARG a=1\n\n# Base text\nFROM x AS base\n# b the second\nARG a b\n# wrong\nARG a b\n#\nARG c\n# wrong\nFROM base\n# wrong\nRUN x";
        Assert.Equal(
        [
            "InvalidDefinitionDescription: Comment for ARG should follow the format: `# a <description>` (line 3)",
            "InvalidDefinitionDescription: Comment for FROM should follow the format: `# base <description>` (line 6)",
            "InvalidDefinitionDescription: Comment for ARG should follow the format: `# <arg_key> <description>` (line 10)",
        ], Findings(Text));
        Assert.Empty(Findings(Text["# check=experimental=InvalidDefinitionDescription\n".Length..]));
    }

    [Theory]
    [InlineData("# check=skip=all\nFROM a as One\nrun b")]
    [InlineData("# check=skip=FromAsCasing,StageNameCasing,ConsistentInstructionCasing\nFROM a as One\nrun b")]
    [InlineData("\n# check=skip=all\nFROM a as One\n# check=skip=ConsistentInstructionCasing // only here\nrun b")]
    public void RulesAreSkipped(string text) => Assert.Empty(Findings(text));

    [Fact]
    public void ABuildsOptionsReplaceTheFiles()
    {
        const string Text = "# check=skip=all\nFROM a as one\nrun b";
        Assert.Equal(2, Findings(Text, "skip=StageNameCasing").Length);
        Assert.Empty(Findings(Text.Replace("skip=all", "error=true", StringComparison.Ordinal), "skip=all"));
        Assert.True(Files.Parse(Text, "error=true").Lint.FailsBuild);
    }

    [Fact]
    public void RefusalsHaveWhatWasFoundBefore()
    {
        var failure = Assert.Throws<GantryException>(() => Files.Parse("FROM a as one\nFORM b"));
        Assert.Equal("FromAsCasing", Assert.Single(Assert.IsType<DockerfileException>(failure.InnerException).Warnings).Rule);
    }

    [Fact]
    public void FindingsSayAllOfTheirRule()
    {
        var warning = Assert.Single(Files.Parse("FROM a\nMAINTAINER x").Warnings);
        Assert.Equal(
            ("MaintainerDeprecated", "The MAINTAINER instruction is deprecated, use a label instead to define an image author", "https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/"),
            (warning.Rule, warning.Description, warning.Url));
    }
}
